import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict, type Verdict } from "../../src/index.ts";
import { deadAddress, fakeService, NOW, STARTED, series } from "../helpers/fake-service.ts";

const ROUTE = "POST /votes";

interface Told {
  readonly failures: number;
  readonly attributes: unknown;
}

/** Asks web, whose instances each served 100 requests of which so many failed. */
async function ask(t: TestContext, instances: readonly Told[]): Promise<Verdict> {
  const urls = await Promise.all(
    instances.map(async ({ failures, attributes }, i) => {
      const fake = await fakeService(t, "web");
      fake.document = {
        ...{ service: "web", instance: `w${i}`, version: null, startedAt: STARTED, now: NOW, attributes },
        series: [series("server", "bot", ROUTE, { failures })],
      };
      return fake.url;
    }),
  );
  return investigate(urls, { view: await deadAddress() });
}

const described = (failing: number, good: number, ...values: object[]): object => ({
  ...{ side: "server", peer: "bot", route: ROUTE, windowS: 60, failing, good, values },
});
const acme = (failing: number, good: number): object => ({ name: "tenant", value: "acme", failing, good });

const whichOf = (verdict: Verdict): string[] =>
  renderVerdict(verdict)
    .split("\n")
    .flatMap((line) => /^ {2}(?:which {6}|\s+)(.* others)$/.exec(line)?.[1] ?? []);

test("investigate() says which requests fail, and names the attributes it stands on", async (t) => {
  const pro = { name: "plan", value: "pro", failing: 30, good: 12 };
  const verdict = await ask(t, [{ failures: 33, attributes: [described(33, 67, acme(33, 0), pro)] }]);
  assert.deepEqual(whichOf(verdict), [
    "all 33 are tenant=acme; 0 of 67 others",
    "30 of 33 are plan=pro; 12 of 67 others",
  ]);
  assert.deepEqual(verdict.culprits[0]!.evidence[0], {
    claim: "all 33 are tenant=acme; 0 of 67 others",
    source: { kind: "attributes", service: "web", routes: [ROUTE], windowS: 60 },
  });
});

test("investigate() adds up what instances were described by, and says where not all failures were looked at", async (t) => {
  const two = await ask(t, [
    { failures: 20, attributes: [described(20, 80, acme(20, 1))] },
    { failures: 10, attributes: [described(10, 90, acme(10, 0))] },
  ]);
  assert.deepEqual(whichOf(two), ["all 30 are tenant=acme; 1 of 170 others"]);
  const many = await ask(t, [{ failures: 90, attributes: [described(50, 10, acme(49, 0))] }]);
  assert.deepEqual(whichOf(many), ["49 of 50 looked at are tenant=acme; 0 of 10 others"]);
});

test("investigate() says nothing of values of another window, few failed requests, or no sense", async (t) => {
  const hostile = [
    ...[null, 7, {}, described(33, 67, { name: 1, value: "a", failing: 33, good: 0 })],
    ...[described(3, 67, acme(33, 0)), { ...described(33, 67, acme(33, 0)), windowS: 10 }],
    ...[described(33, 67, acme(10, 0)), { ...described(33, 67, acme(33, 0)), route: "GET /other" }],
  ];
  for (const attributes of [undefined, "none", hostile]) {
    assert.deepEqual(whichOf(await ask(t, [{ failures: 33, attributes }])), []);
  }
});

test("a verdict shows no control characters of what requests were described by", async (t) => {
  const value = { name: "tenant", value: "\u001b[31mevil\u0007", failing: 33, good: 0 };
  const verdict = await ask(t, [{ failures: 33, attributes: [described(33, 67, value)] }]);
  assert.doesNotMatch(renderVerdict(verdict), /[\u001b\u0007]/);
});
