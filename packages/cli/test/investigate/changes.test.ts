import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict, type Verdict } from "../../src/index.ts";
import type { Series } from "../../src/sources/live/traffic-document.ts";
import { deadAddress, fakeService, NOW, series } from "../helpers/fake-service.ts";

const secondsAgo = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1_000).toISOString();

/** One instance of voting. */
interface Planned {
  readonly version: string | null;
  readonly startedS: number;
  readonly failures?: number;
  readonly failingS?: number;
  readonly changes?: readonly (object | null)[];
}

/** Asks web, which calls these instances of voting; its calls fail since `failingS`, if they do. */
async function ask(
  t: TestContext,
  instances: readonly Planned[],
  callerFailingS?: number,
  callerStartedS = 9_000,
): Promise<Verdict> {
  const hosts: string[] = [];
  for (const [i, one] of instances.entries()) {
    const { version, startedS, failures = 0, failingS = 40, changes } = one;
    const fake = await fakeService(t, "voting");
    hosts.push(fake.host);
    const since = { failures, failingSince: failures > 0 ? secondsAgo(failingS) : null };
    fake.document = {
      ...{ service: "voting", instance: `v${i}`, version, startedAt: secondsAgo(startedS), now: NOW },
      ...{ series: [series("server", "web", "POST /votes", since)], changes },
    };
  }
  const failures = instances.reduce((sum, one) => sum + (one.failures ?? 0), 0);
  const failingSince = secondsAgo(callerFailingS ?? 40);
  const web = await fakeService(t, "web");
  const calls = hosts.map((host, i): Series => {
    const own = instances[i]!.failures ?? 0;
    return series("client", host, "POST", { failures: own, failingSince: own > 0 ? failingSince : null });
  });
  web.document = {
    ...{ service: "web", instance: "w", version: null, startedAt: secondsAgo(callerStartedS), now: NOW },
    series: [
      series("server", "bot", "GET /", { count: 100 * hosts.length, failures, failingSince }),
      ...calls,
    ],
  };
  return investigate([web.url], { view: await deadAddress() });
}

const said = (verdict: Verdict): string[] =>
  verdict.culprits.flatMap(({ changes }) => changes.map(({ what }) => what));

test("investigate() says which version started just before, beside one that is well", async (t) => {
  const verdict = await ask(t, [
    { version: "1.8.2", startedS: 9_000 },
    { version: "1.8.3", startedS: 43, failures: 33 },
  ]);
  assert.deepEqual(said(verdict), ["version 1.8.3 started beside 1.8.2"]);
  assert.equal(verdict.culprits[0]!.changes[0]!.secondsBefore, 3);
  assert.match(
    renderVerdict(verdict),
    /\n {2}changed {4}3 s before: version 1\.8\.3 started beside 1\.8\.2, which is well\n/,
  );
});

test("investigate() says which version started just before where its predecessor is gone, and misses nobody", async (t) => {
  const verdict = await ask(t, [{ version: "1.8.3", startedS: 42, failures: 33 }]);
  assert.deepEqual(said(verdict), ["version 1.8.3 started"]);
  assert.deepEqual(verdict.missing, []);
});

test("investigate() blames no version that started long before, with all others, or beside one that fares as badly", async (t) => {
  const longBefore = await ask(t, [{ version: "1.8.3", startedS: 400, failures: 33 }]);
  const both = await ask(t, [
    { version: "1.8.2", startedS: 9_000, failures: 30 },
    { version: "1.8.3", startedS: 43, failures: 33 },
  ]);
  // Its own count began anew with it; its callers have seen failures for ten minutes.
  const restarted = await ask(t, [{ version: "1.8.3", startedS: 30, failures: 33, failingS: 29 }], 600);
  const well = await ask(t, [
    { version: "1.8.2", startedS: 9_000, failures: 33 },
    { version: "1.8.3", startedS: 43 },
  ]);
  const together = await ask(t, [{ version: "1.8.3", startedS: 43, failures: 33 }], 40, 50);
  assert.deepEqual([longBefore, both, restarted, well, together].map(said), [[], [], [], [], []]);
});

test("investigate() says what the application and the operator changed just before", async (t) => {
  const at = secondsAgo(45);
  const verdict = await ask(t, [
    {
      ...{ version: null, startedS: 9_000, failures: 33 },
      changes: [
        { at: secondsAgo(9_000), kind: "start", what: "" },
        { at, kind: "report", what: "flag checkout-v2 on" },
        { at: secondsAgo(4_000), kind: "report", what: "flag checkout-v1 on" },
        { at: "yesterday", kind: "report", what: "no time" },
        null,
      ],
    },
  ]);
  assert.deepEqual(verdict.culprits[0]!.changes, [
    {
      ...{ at, instance: verdict.culprits[0]!.changes[0]!.instance, kind: "report", secondsBefore: 5 },
      ...{ what: "flag checkout-v2 on", wellVersions: [] },
    },
  ]);
  assert.match(renderVerdict(verdict), /\n {2}changed {4}5 s before: flag checkout-v2 on\n/);
});
