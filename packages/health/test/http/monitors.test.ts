import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import { startChild } from "../helpers/child.ts";
import {
  type Look,
  type StartMonitor,
  startBlackbox,
  startCheckHttp,
  startHaproxy,
  startMonit,
  startNginx,
  type Word,
} from "../helpers/monitors.ts";

const MONITORS: Readonly<Record<string, StartMonitor>> = {
  blackbox_exporter: startBlackbox,
  check_http: startCheckHttp,
  haproxy: startHaproxy,
  monit: startMonit,
  nginx: startNginx,
};

const LOOKS = {
  ready: { path: "/health/ready" },
  ready_get: { path: "/health/ready", method: "GET" },
  ready_head: { path: "/health/ready", method: "HEAD" },
  status: { path: "/health/status", method: "GET" },
  internal: { path: "/health/status/internal", method: "HEAD" },
  external: { path: "/health/status/external", method: "GET" },
  live: { path: "/health/live", method: "GET" },
  startup: { path: "/health/startup", method: "GET" },
  right_token: { path: "/health/status/external", method: "GET", token: "right-token", body: "Details" },
  wrong_token: { path: "/health/status/external", method: "GET", token: "wrong-token", body: "Details" },
  wrong_token_status: { path: "/health/status/external", method: "GET", token: "wrong-token", body: "OK" },
} satisfies Record<string, Look>;

type Name = keyof typeof LOOKS;

// monit knows GET and HEAD alone; blackbox_exporter, check_http and nginx send whatever they are told.
const OPTIONS: Readonly<Record<string, Look>> = { options: { path: "/health/ready", method: "OPTIONS" } };

// Each watches a service of its own, and looks only so often.
describe("a service under watch", { concurrency: true }, () => {
  for (const [monitor, startMonitor] of Object.entries(MONITORS)) {
    test(`${monitor} tells a service that is up, failing, hung or draining, and shows no details to a wrong token`, {
      timeout: 600_000,
    }, async (t) => {
      await walk(t, monitor, startMonitor);
    });
  }
});

async function walk(t: TestContext, monitor: string, startMonitor: StartMonitor): Promise<void> {
  const child = startChild(t, "./monitored.ts");
  const url = await child.line(0);
  const play = async (step: string): Promise<void> => void (await (await fetch(`${url}/db/${step}`)).text());
  await until(async () => (await fetch(`${url}/health/ready`)).status === 200, "it has started");
  const looks: Readonly<Record<string, Look>> = monitor === "monit" ? LOOKS : { ...LOOKS, ...OPTIONS };
  const ask = await startMonitor(t, Number(new URL(url).port), looks);
  if (ask === undefined) return;

  /** Waits until the monitor says so of these looks, and the opposite of all others. */
  const says = async (word: Word, names: readonly Name[]): Promise<void> => {
    const all = Object.keys(looks).map(async (name) => {
      const told = names.includes(name as Name) || (name === "options" && names.includes("ready"));
      // A wrong token never shows details.
      const expected = name === "wrong_token" || told !== (word === "up") ? "down" : "up";
      await until(async () => (await ask(name)) === expected, `${monitor} says ${expected} of ${name}`);
    });
    await Promise.all(all);
  };
  const everything = Object.keys(LOOKS) as Name[];
  const readiness: Name[] = ["ready", "ready_get", "ready_head"];

  await says("up", everything);
  await play("ERROR");
  await says("down", [...readiness, "status", "internal"]);
  await play("OK");
  await says("up", everything);
  // A dependency that hangs is a failing service, and no hung one: it answers at once.
  await play("HANG");
  await says("down", [...readiness, "status", "internal"]);
  await play("OK");
  await says("up", everything);

  child.process.kill("SIGSTOP");
  await says("down", everything);
  const before = child.lines.length;
  child.process.kill("SIGCONT");
  await says("up", everything);
  // It stood still, and accuses none of its dependencies for it.
  assert.deepEqual(new Set(child.lines.slice(before)), new Set(["error health-process-stood_still"]));

  child.process.kill("SIGTERM");
  await says("down", readiness);
}
