import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict, type Series } from "../../src/index.ts";
import { deadAddress, type FakeService, fakeService, series } from "../helpers/fake-service.ts";

const SIZE = 300;

/** Who calls whom, by number; service 0 is the entry. */
type Plan = readonly (readonly number[])[];

const children = (of: (i: number) => number[]): Plan =>
  Array.from({ length: SIZE }, (_, i) => of(i).filter((child) => child < SIZE));

const PLANS: Readonly<Record<string, Plan>> = {
  tree: children((i) => [1, 2, 3, 4, 5, 6].map((k) => 6 * i + k)),
  // Each of a layer of twenty calls seven of the next.
  mesh: children((i) => {
    if (i === 0) return [1, 2, 3, 4, 5, 6, 7];
    const layer = Math.floor((i - 1) / 20);
    return [0, 1, 2, 3, 4, 5, 6].map((k) => 1 + 20 * (layer + 1) + ((i + 3 * k) % 20));
  }),
  chain: children((i) => [i + 1]),
};

const windows = (side: "server" | "client", peer: string, route: string, failures: number): Series[] =>
  [60, 600].map((windowS) =>
    series(side, peer, route, { windowS, count: windowS * 5, failures: (failures * windowS) / 60 }),
  );

/** Starts them all; requests on the ways to `murderer` fail. */
async function startAll(t: TestContext, plan: Plan, murderer: number): Promise<FakeService[]> {
  const fakes: FakeService[] = [];
  for (let i = 0; i < plan.length; i++) fakes.push(await fakeService(t, `s${i}`, [], { instance: `s${i}` }));
  const callers = (i: number): number[] => plan.flatMap((all, from) => (all.includes(i) ? [from] : []));
  const trail = new Set([murderer]);
  // One way: what fails for one caller fails for one of its callers.
  for (let i = murderer; i !== 0; i = callers(i)[0]!) trail.add(callers(i)[0]!);
  for (const [i, fake] of fakes.entries()) {
    const inbound = i === 0 ? ["bot"] : callers(i).map((from) => `s${from}`);
    fake.series = [
      ...inbound.flatMap((caller, k) => windows("server", caller, "GET /", trail.has(i) && k === 0 ? 60 : 0)),
      ...plan[i]!.flatMap((to) => {
        const fails = trail.has(i) && trail.has(to) && callers(to)[0] === i;
        return windows("client", fakes[to]!.host, "GET", fails ? 60 : 0);
      }),
    ];
  }
  return fakes;
}

for (const [shape, plan] of Object.entries(PLANS)) {
  test(`investigate() follows what fails through a ${shape} of 300 services, and names the leaf`, async (t) => {
    const leaf = plan.findLastIndex((all) => all.length === 0);
    const fakes = await startAll(t, plan, leaf);
    const verdict = await investigate([fakes[0]!.url], { view: await deadAddress() });
    assert.deepEqual(
      verdict.culprits.map(({ service, fault }) => [service, fault]),
      [[`s${leaf}`, "errors"]],
    );
    const { path } = verdict.culprits[0]!;
    const beside = new Set(path.slice(1).flatMap((name) => plan[Number(name.slice(1))]!.map((i) => `s${i}`)));
    const asked = fakes.filter(({ seen }) => seen.some(({ url }) => url === "/debug/traffic")).length;
    assert.ok(asked <= new Set([...path, ...beside]).size, `${asked} asked`);
    const rest = verdict.missing.filter((what) => what.includes("not asked"));
    assert.equal(rest.length, asked < SIZE ? 1 : 0, "it says whom it left out, if anybody");
    if (asked < SIZE) assert.match(renderVerdict(verdict), /\nNot seen:\n {2}127\.0\.0\.1:\d+/);
  });
}

test("investigate() asks at most 64 of 300 services found on ways on which all is well, and says so", async (t) => {
  const fakes = await startAll(t, PLANS.tree!, 0);
  fakes[0]!.series = fakes[0]!.series.map((one) => ({ ...one, failures: 0, classes: { "2xx": one.count } }));
  const verdict = await investigate([fakes[0]!.url], { view: await deadAddress() });
  assert.equal(verdict.verdict, "nothing");
  assert.equal(fakes.filter(({ seen }) => seen.length > 0).length, 65);
  assert.match(
    verdict.missing.join("\n"),
    / and \d+ more were not asked: no request fails or is slow there$/,
  );
});

test("investigate() finds a service that fails behind a caller whose own requests are well", async (t) => {
  const cache = await fakeService(t, "cache", windows("server", "shop", "GET /", 60));
  const shop = await fakeService(t, "shop", [
    ...windows("server", "web", "GET /", 0),
    ...windows("client", cache.host, "GET", 60),
  ]);
  const web = await fakeService(t, "web", [
    ...windows("server", "bot", "GET /", 0),
    ...windows("client", shop.host, "GET", 0),
  ]);
  const { culprits, missing } = await investigate([web.url], { view: await deadAddress() });
  assert.deepEqual(
    culprits.map(({ service }) => service),
    ["cache"],
  );
  assert.deepEqual(missing, []);
});
