import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { freePort } from "./real-server.ts";
import { until } from "./until.ts";
import type { Walk } from "./walk.ts";

/** A line of a log. */
export type Line = Record<string, unknown> & { err?: { type: string; message: string } };

type Series = Record<"side" | "route", string> & Record<"windowS" | "count" | "failures", number>;

const TOKEN = "the-token-of-the-examples-0123456789";

/** How npm starts an example. */
export interface Start {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take to be built and live. @default a minute */
  readonly patienceMs?: number;
}

/** An example that runs. */
export interface Started {
  readonly url: string;
  readonly lines: Line[];
  /** Ends it as an operator does, and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts an example by its one command, and waits until it is live. */
export async function startExample(
  t: TestContext,
  { args, cwd, env = {}, patienceMs }: Start,
): Promise<Started> {
  const port = await freePort();
  const { NODE_ENV: _, ...inherited } = process.env;
  const child = spawn("npm", args, {
    cwd,
    env: { ...inherited, OTEL_TRACES_EXPORTER: "none", WHODUNIT_TOKEN: TOKEN, ...env, PORT: `${port}` },
    stdio: ["ignore", "pipe", "inherit"],
    // npm and its shell stand between: a signal goes to all of them.
    detached: true,
  });
  t.after(() => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("{")) lines.push(JSON.parse(line));
  });
  const url = `http://127.0.0.1:${port}`;
  const isLive = (): Promise<boolean> => {
    assert.equal(child.exitCode, null, `npm ${args.join(" ")} has ended`);
    return fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await until(isLive, `npm ${args.join(" ")} makes it live`, patienceMs);
  return {
    url,
    lines,
    async stop() {
      const closed = once(child, "close");
      process.kill(-child.pid!, "SIGTERM");
      await closed;
    },
  };
}

/** Asks an example's two routes, one of which fails, and its health; looks at lines and traffic. */
export async function assertExample({ url, lines }: Started, service: string): Promise<void> {
  const [hello, fail] = ["/hello/:name", "/fail"];
  const response = (route: string): Line | undefined =>
    lines.find((line) => line.msg === `${service}-http-response` && line.route === route);

  const answer = await fetch(`${url}/hello/ada`);
  assert.deepEqual([answer.status, await answer.text()], [200, "Hello ada\n"]);
  await until(() => response(hello) !== undefined, "the request has its line");
  assert.deepEqual([response(hello)?.level, response(hello)?.status], ["debug", 200]);
  assert.match(String(response(hello)?.trace_id), /^[0-9a-f]{32}$/);

  assert.equal((await fetch(`${url}/fail`)).status, 500);
  await until(() => response(fail) !== undefined, "the failed request has its line");
  const failed = response(fail);
  assert.deepEqual(
    [failed?.level, failed?.status, failed?.err?.type, failed?.err?.message],
    ["error", 500, "RangeError", "no doughnuts"],
  );

  const status = (await (await fetch(`${url}/health/status`)).json()) as { Name: string }[];
  assert.deepEqual(
    status.map(({ Name }) => Name),
    ["traffic"],
  );
  const asked = await fetch(`${url}/debug/traffic`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const { series } = (await asked.json()) as { series: Series[] };
  const counts = (route: string): Series | undefined =>
    series.find((one) => one.side === "server" && one.windowS === 600 && one.route === `GET ${route}`);
  assert.deepEqual([counts(hello)?.count, counts(hello)?.failures], [1, 0]);
  assert.deepEqual([counts(fail)?.count, counts(fail)?.failures], [1, 1]);
}

/** Asks an example by the commands of its page, which come after the one that starts it. */
export async function typeQuestions(page: Walk, service: string): Promise<void> {
  assert.equal((await page.type(/^curl \S+\/hello\/ada$/)).stdout, "Hello ada\n");
  await page.type(/^curl \S+\/fail$/);
  assert.match((await page.type(/^curl \S+\/health\/status$/)).stdout, /"Name":"traffic"/);
  // In production that wants a token, which no page tells.
  if (page.left.length === 0) return;
  const { stdout } = await page.type(/^npx whodunit stat /);
  assert.match(stdout, new RegExp(`^${service} +GET /hello/:name +100\\.00%`, "m"));
}

/** Stops an example, and sees that it is gone. */
export async function assertStops({ url, stop }: Started): Promise<void> {
  await stop();
  await assert.rejects(fetch(`${url}/health/live`), "the port is free again");
}
