import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { createRandom, type Random, SEED } from "../../../../test/helpers/random.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import type { Traffic } from "../../src/traffic/traffic.ts";
import { createTraffic } from "../helpers/traffic.ts";

type Fields = Readonly<Record<string, unknown>>;

const clean = (text: string): string => text.replaceAll("hunter2", "[Redacted]");

function described(fields: Fields, failed: boolean, more: Partial<TrafficRecord> = {}): TrafficRecord {
  return {
    ...{ side: "server", peer: "bot", route: "POST /buy", errorType: undefined, aborted: false },
    ...{ durationMs: 5, trace: undefined, thrown: undefined, status: failed ? 500 : 200, path: "/buy" },
    ...more,
    described: Object.entries(fields).flat(),
  };
}

/** What the last minute tells of `POST /buy`, as `name=value failing/good`. */
function told(traffic: Traffic, windowS = 60): string[] {
  const attributes = traffic.snapshot().attributes.filter((one) => one.windowS === windowS);
  return attributes.flatMap(({ values }) =>
    values.map(({ name, value, failing, good }) => `${name}=${value} ${failing}/${good}`),
  );
}

test("Traffic tells what all failed requests have in common and none of the others, with the counts of each", () => {
  const { traffic } = createTraffic({ clean });
  for (let i = 0; i < 100; i++) {
    const failed = i % 3 === 0 && i < 99;
    const tenant = failed ? "acme" : `t${i % 7}`;
    traffic.record(described({ requestNo: i, tenant, region: i % 2 === 0 ? "eu" : "us" }, failed));
  }
  const { attributes } = traffic.snapshot();
  assert.deepEqual(
    attributes.map((one) => one.windowS),
    [10, 60, 600],
  );
  assert.deepEqual(attributes[1], {
    ...{ side: "server", peer: "bot", route: "POST /buy", windowS: 60, failing: 33, good: 67 },
    values: [{ name: "tenant", value: "acme", failing: 33, good: 0 }],
  });
});

test("Traffic tells no attribute where none tells failed requests from the others, or where there are no others", () => {
  const { traffic } = createTraffic({ clean });
  for (let i = 0; i < 300; i++) traffic.record(described({ tenant: `t${i % 5}` }, i % 10 === 0));
  const alike = Array.from({ length: 90 }, (_, i) => described({ tenant: `t${i % 3}` }, i % 2 === 0));
  for (const one of alike) traffic.record({ ...one, route: "GET /alike" });
  for (let i = 0; i < 90; i++) traffic.record({ ...described({ tenant: "acme" }, true), route: "GET /all" });
  assert.deepEqual(
    traffic.snapshot().attributes.filter(({ route }) => route !== "POST /buy"),
    [],
  );
});

test("Traffic forgets what failed requests were described by with their window", () => {
  const { traffic, clock } = createTraffic({ clean });
  for (let i = 0; i < 60; i++) traffic.record(described({ tenant: i < 20 ? "acme" : "other" }, i < 20));
  clock.advance(61_000);
  for (let i = 0; i < 60; i++) traffic.record(described({ tenant: i < 20 ? "acme" : "other" }, i >= 50));
  assert.deepEqual(told(traffic, 600), ["tenant=acme 20/20"].slice(1), "both fail by now");
  clock.advance(601_000);
  assert.deepEqual(traffic.snapshot().attributes, []);
});

const PERSONAL: readonly (readonly [name: string, value: unknown])[] = [
  ["email", "ada@example.org"],
  ["contactedBy", "ada@example.org"],
  ["note", "card 4242 4242 4242 4242"],
  ["password", "x1y2z3"],
  ["userId", 8341],
  ["user", "ada"],
  ["customer_name", "Ada Lovelace"],
  ["name", "Ada"],
  ["clientIp", "203.0.113.7"],
  ["seenFrom", "203.0.113.7"],
  ["AccountID", "5c522f9b"],
  ["code", "hunter2"],
  ["sessionId", "s3ss10n"],
];

test("Traffic never tells what is personal, whatever it would explain", () => {
  for (const [name, value] of PERSONAL) {
    const { traffic } = createTraffic({ clean });
    for (let i = 0; i < 90; i++) {
      const failed = i % 3 === 0;
      traffic.record(described({ [name]: failed ? value : "other", plan: failed ? "pro" : "free" }, failed));
    }
    assert.deepEqual(told(traffic), ["plan=pro 30/0"], `${name}=${value}`);
    assert.ok(!JSON.stringify(traffic.snapshot()).includes(String(value)));
  }
});

test("Traffic never tells what a route's parameter stands for, encoded or converted, but what the route says itself", () => {
  const cases: [Fields, string, string, string[]][] = [
    [{ cart: "c7" }, "GET /carts/:id", "/carts/c7", []],
    [{ cart: 7 }, "GET /carts/:id", "/carts/7/", []],
    [{ place: "a b" }, "GET /places/*", "/places/x/a%20b", []],
    [{ format: "json" }, "GET /carts/:id.:format", "/carts/7.json", []],
    [{ any: "c7" }, "GET *", "/what/c7", []],
    [{ region: "eu" }, "GET /eu/carts/:id", "/eu/carts/7", ["region=eu 30/0"]],
    [{ plan: "pro" }, "GET /products/:id", "/products/prose", ["plan=pro 30/0"]],
    [{ tenant: "buy" }, "POST /buy", "/buy", ["tenant=buy 30/0"]],
  ];
  for (const [fields, route, path, want] of cases) {
    const { traffic } = createTraffic({ clean });
    const [name] = Object.keys(fields) as [string];
    for (let i = 0; i < 90; i++) {
      const failed = i % 3 === 0;
      const other = { [name]: "other" };
      traffic.record(described(failed ? fields : other, failed, { route, path: failed ? path : "/none" }));
    }
    assert.deepEqual(told(traffic), want, `${JSON.stringify(fields)} of ${path}`);
  }
});

const DECOYS = 30;

/** A value of a decoy: of few, of many, of one mostly, or of its own each time. */
function decoy(random: Random, i: number): unknown {
  const kind = i % 5;
  if (kind === 0) return random.pick(["eu", "us", "ap"]);
  if (kind === 1) return random.integer(1, 1_000);
  if (kind === 2) return random.chance(0.9);
  if (kind === 3) return random.chars(12, "0123456789abcdef");
  return `v${Math.floor(random.next() ** 3 * 40)}`;
}

const WORLDS = runs(100);
const TOLD_FIRST = Math.floor(0.95 * WORLDS);

test(`Traffic tells a planted attribute first in at least ${TOLD_FIRST} of ${WORLDS}, among 30 decoys`, () => {
  let first = 0;
  const missed: string[] = [];
  for (let world = 0; world < WORLDS; world++) {
    const random = createRandom(SEED + world);
    const { traffic, clock } = createTraffic({ clean });
    const place = random.integer(0, DECOYS);
    const share = random.pick([0.02, 0.1, 0.3]);
    const failsWith = random.pick([1, 0.9, 0.5]);
    const noise = random.pick([0, 0.002, 0.01]);
    const count = random.pick([300, 1_000, 2_000]);
    for (let i = 0; i < count; i++) {
      clock.advance(59_000 / count);
      const isPlanted = random.chance(share);
      const decoys = Array.from(
        { length: DECOYS },
        (_, n) => [`decoy${n}` as string, decoy(random, n)] as const,
      );
      const planted = ["tenant", isPlanted ? "acme" : `t${random.integer(0, 50)}`] as const;
      const fields = Object.fromEntries(decoys.toSpliced(place, 0, planted));
      traffic.record(described(fields, random.chance(isPlanted ? failsWith : noise)));
    }
    const [best = "nothing"] = told(traffic);
    if (best.startsWith("tenant=acme ")) first++;
    else missed.push(`${world}: ${best}, share ${share}, fails ${failsWith}, noise ${noise}, of ${count}`);
  }
  assert.ok(first >= TOLD_FIRST, `${first} of ${WORLDS} by SEED=${SEED}: ${missed.join("; ")}`);
});

test("Traffic that is told whatever fields of whatever requests never throws, and answers valid JSON", async () => {
  const value = fc.oneof(anyText({ maxLength: 80 }), fc.double(), fc.anything());
  const fields = fc.dictionary(anyText(), value, { maxKeys: 60 });
  const requests = fc.array(fc.tuple(fields, fc.boolean(), fc.webPath()), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(requests, async (all) => {
      const { traffic } = createTraffic({ clean });
      for (const [each, failed, path] of [...all, ...all, ...all]) {
        traffic.record(described(each, failed, { path }));
      }
      let text = "";
      for await (const piece of traffic.snapshotJson()) text += piece;
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(traffic.snapshot())));
    }),
    { numRuns: runs(200) },
  );
});

test("Described values of 900 series with 48 fields take less than a megabyte", () => {
  const source = new URL("../../src/traffic/traffic.ts", import.meta.url).href;
  const program = `
    import { Traffic } from ${JSON.stringify(source)};
    let nowMs = 1e9;
    const clock = { monotonicMs: () => nowMs++, wallMs: (ms) => ms };
    const names = Array.from({ length: 48 }, (_, n) => ("field" + n).padEnd(64, "x"));
    let next = 0;
    const fieldsOf = (i) => names.flatMap((name, n) => [name, String(n < 24 ? i % 50 : next++).padEnd(64, "y")]);
    // The memory of array buffers is given back by the collection after the one that finds them dead.
    const used = () => (gc(), gc(), process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
    const kept = [];
    const taken = (of) => {
      const traffic = new Traffic({ service: "a", instance: "b", version: null, classify: undefined, clock });
      kept.push(traffic);
      const before = used();
      for (let i = 0; i < 9_000; i++) {
        traffic.record({ side: "server", peer: "p", route: "GET /r" + (i % 900), status: i % 2 ? 200 : 500, path: "/",
          errorType: undefined, aborted: false, durationMs: 3, trace: undefined, thrown: undefined, described: of(i) });
      }
      return used() - before;
    };
    // The first two also take what is compiled.
    taken(fieldsOf), taken(() => undefined);
    console.log(taken(fieldsOf) - taken(() => undefined), kept.map((one) => one.counts(60).length).join());
  `;
  const args = ["--expose-gc", "--conditions=@whodunit/source", "--input-type=module", "-e", program];
  const [bytes, counts] = execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split(" ");
  assert.equal(counts, "900,900,900,900");
  assert.ok(Number(bytes) < 1_000_000, `${bytes} bytes`);
});
