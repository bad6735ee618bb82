import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { atEnd, type RealServer } from "../../../../test/helpers/real-server.ts";
import { PASSWORD } from "../../../../test/helpers/real-services.ts";
import { until } from "../../../../test/helpers/until.ts";
import { createHealth, type HealthEntry, type Probe, type Status } from "../../src/index.ts";
import { startProxy } from "./proxy.ts";

/** An application's client and the probe that watches it. */
export interface Watch {
  readonly probe: Probe;
  close(): Promise<void> | void;
}

/** A real server, and how an application uses it. */
export interface Dependency {
  readonly name: string;
  /** Undefined when the test was skipped. */
  start(t: TestContext): Promise<RealServer | undefined>;
  /** Connects as an application does. With the wrong password it may reject. */
  open(port: number, password: string): Promise<Watch> | Watch;
  /** False where there is no login. */
  readonly login: boolean;
  /** True where the connection itself is what is watched. */
  readonly connectsEachRun?: boolean;
}

const WRONG = "hunter2-canary";
const TIMEOUT_MS = 200;

/** What a probe must make of everything that a server and a network do. */
export function proveDependency(dependency: Dependency): void {
  test(dependency.name, { timeout: 240_000 }, async (t) => {
    const server = await dependency.start(t);
    if (server === undefined) return;
    const network = await startProxy(t, server.port);
    const watch = await dependency.open(network.port, PASSWORD);
    // Before its server goes: whoever is closed later sees connections that are reset.
    atEnd(t, () => watch.close());
    const signal = new AbortController().signal;
    // A client may still be connecting, or reconnect on its own: the run after that counts.
    const run = (): Promise<void> =>
      until(
        () =>
          Promise.resolve(watch.probe.check(signal)).then(
            () => true,
            () => false,
          ),
        `${dependency.name} can be asked`,
      );
    await run();

    const skip = dependency.connectsEachRun === true && "each run is a connection";
    await t.test("1,000 runs open at most one new socket", { skip }, async () => {
      const before = network.accepted;
      for (let count = 0; count < 1_000; count++) {
        await run();
        await setImmediate();
      }
      assert.ok(network.accepted - before <= 1, `${network.accepted - before} new sockets`);
    });

    const health = createHealth({
      service: "web",
      probes: [{ ...watch.probe, intervalMs: 250, timeoutMs: TIMEOUT_MS }],
    });
    t.after(() => health.close());
    const entry = (): HealthEntry => health.entries()[0] as HealthEntry;
    const becomes = (status: Status): Promise<void> =>
      until(() => entry().status === status, `${dependency.name} is ${status}`);

    await t.test("OK, killed: ERROR, started again: OK", async () => {
      await becomes("OK");
      await server.kill();
      await becomes("ERROR");
      assert.match(entry().fault?.code ?? "", /^\w+( \w+)?$/);
      await server.start();
      await becomes("OK");
    });

    await t.test("OK, SIGSTOP: TIMEOUT of the run that was caught, SIGCONT: OK", async () => {
      server.signal("SIGSTOP");
      await becomes("TIMEOUT");
      assert.ok((entry().durationMs ?? 0) >= TIMEOUT_MS - 1, `${entry().durationMs}`);
      server.signal("SIGCONT");
      await becomes("OK");
    });

    for (const [mode, status] of [
      ["black-hole", "TIMEOUT"],
      ["half-open", "TIMEOUT"],
      ["reset", "ERROR"],
    ] as const) {
      await t.test(`OK, ${mode}: ${status}, well again: OK`, async () => {
        network.become(mode);
        await becomes(status);
        network.become("pass");
        await becomes("OK");
      });
    }

    await t.test(
      "A refused login is an ERROR that does not hold the password",
      { skip: !dependency.login && "there is no login" },
      async (t) => {
        const refused = await dependency.open(network.port, WRONG);
        const other = createHealth({ service: "web", probes: [{ ...refused.probe, intervalMs: 500 }] });
        t.after(async () => {
          await other.close();
          await refused.close();
        });
        await until(() => other.entries()[0]?.status === "ERROR", "the login is refused");
        assert.doesNotMatch(JSON.stringify(other.entries()), /hunter2/);
      },
    );
  });
}
