import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CheckResult,
  type TrafficProbeOptions,
  type TrafficSeries,
  trafficProbe,
} from "../../src/index.ts";

const signal = new AbortController().signal;
const base = {
  side: "server",
  peer: "web",
  route: "POST /vote",
  windowS: 60,
  count: 100,
  failures: 0,
} as const;

function look(series: readonly TrafficSeries[], options?: TrafficProbeOptions): CheckResult {
  return trafficProbe({ snapshot: () => ({ series }) }, options).check(signal) as CheckResult;
}

test("trafficProbe() is DEGRADED below 95 % success, naming the route and the share", () => {
  assert.deepEqual(look([]), { status: "OK", value: 100, unit: "%" });
  assert.deepEqual(look([{ ...base, failures: 5 }]), { status: "OK", value: 100, unit: "%" });
  assert.deepEqual(look([{ ...base, failures: 6 }]), {
    status: "DEGRADED",
    reason: "POST /vote 94.0 % of 100 well",
    value: 94,
    unit: "%",
  });
});

test("trafficProbe() needs 20 requests in its window, and reads no other window", () => {
  assert.equal(look([{ ...base, count: 19, failures: 19 }]).status, "OK");
  assert.equal(look([{ ...base, count: 20, failures: 20 }]).status, "DEGRADED");
  assert.equal(look([{ ...base, windowS: 10, failures: 100 }]).status, "OK");
  assert.equal(look([{ ...base, windowS: 10, failures: 100 }], { windowS: 10 }).status, "DEGRADED");
});

test("trafficProbe() adds the callers of a route up, and keeps callees apart", () => {
  const callers = [
    { ...base, peer: "bot", count: 15, failures: 5 },
    { ...base, peer: "unknown", count: 15, failures: 5 },
  ];
  assert.match(look(callers).reason ?? "", /^POST \/vote 66.7 % of 30 well$/);
  const callees = callers.map((series) => ({ ...series, side: "client" as const }));
  assert.equal(look(callees).status, "OK");
  assert.match(
    look([{ ...base, side: "client", peer: "voting", failures: 50 }]).reason ?? "",
    /^POST \/vote at voting 50.0 %/,
  );
});

test("trafficProbe() throws on wrong options", () => {
  const traffic = { snapshot: () => ({ series: [] }) };
  assert.throws(
    () => trafficProbe({} as never),
    /option "traffic" is an object, want an object with snapshot/,
  );
  assert.throws(() => trafficProbe(traffic, { minSuccess: 95 }), /"minSuccess" is 95, want a number above 0/);
  assert.throws(() => trafficProbe(traffic, { windowS: 30 as 10 }), /"windowS" is 30, want 10, 60 or 600/);
  assert.throws(() => trafficProbe(traffic, { minCount: 0 }), /"minCount" is 0/);
});

test("T12: trafficProbe() asks for the counts of its window alone where they can be had", () => {
  const asked: number[] = [];
  const traffic = {
    snapshot: () => assert.fail("a snapshot costs more"),
    counts: (windowS: 10 | 60 | 600) => {
      asked.push(windowS);
      return [{ ...base, windowS, failures: 6 }];
    },
  };
  const { status } = trafficProbe(traffic, { windowS: 600 }).check(signal) as CheckResult;
  assert.equal(status, "DEGRADED");
  assert.deepEqual(asked, [600]);
});
