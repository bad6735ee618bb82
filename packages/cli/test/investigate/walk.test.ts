import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict } from "../../src/index.ts";
import { deadAddress, type FakeService, fakeService } from "../helpers/fake-service.ts";
import { FLEET_SIZE, fleetSeries, type Harm, PLANS, type Plan, windows } from "../helpers/planned-fleet.ts";

/** Starts them all; requests on the ways to `murderer` fail, or are slow. */
async function startAll(
  t: TestContext,
  plan: Plan,
  murderer: number,
  harm: Harm = "fails",
): Promise<FakeService[]> {
  const fakes: FakeService[] = [];
  for (let i = 0; i < plan.length; i++) fakes.push(await fakeService(t, `s${i}`, [], { instance: `s${i}` }));
  const all = fleetSeries(plan, murderer, harm, (i) => fakes[i]!.host);
  fakes.forEach((fake, i) => {
    fake.series = all[i]!;
  });
  return fakes;
}

const CASES = Object.entries(PLANS).flatMap(([shape, plan]) =>
  (["fails", "is slow"] as const).map((harm) => ({ shape, plan, harm })),
);

for (const { shape, plan, harm } of CASES) {
  test(`investigate() follows what ${harm} through a ${shape} of 300 services, and names the leaf`, async (t) => {
    const leaf = plan.findLastIndex((all) => all.length === 0);
    const fakes = await startAll(t, plan, leaf, harm);
    const verdict = await investigate([fakes[0]!.url], { view: await deadAddress() });
    assert.deepEqual(
      verdict.culprits.map(({ service, fault }) => [service, fault]),
      [[`s${leaf}`, harm === "fails" ? "errors" : "slow"]],
    );
    const { path } = verdict.culprits[0]!;
    const beside = new Set(path.slice(1).flatMap((name) => plan[Number(name.slice(1))]!.map((i) => `s${i}`)));
    const asked = fakes.filter(({ seen }) => seen.some(({ url }) => url === "/debug/traffic")).length;
    assert.ok(asked <= new Set([...path, ...beside]).size, `${asked} asked`);
    const rest = verdict.missing.filter((what) => what.includes("not asked"));
    assert.equal(rest.length, asked < FLEET_SIZE ? 1 : 0, "it says whom it left out, if anybody");
    if (asked < FLEET_SIZE) assert.match(renderVerdict(verdict), /\nNot seen:\n {2}127\.0\.0\.1:\d+/);
  });
}

test("investigate() asks at most 64 of 300 services found on ways on which all is well, and says so", async (t) => {
  const fakes = await startAll(t, PLANS.tree, 0);
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
  const cache = await fakeService(t, "cache", windows("server", "shop", "GET /", "fails"));
  const shop = await fakeService(t, "shop", [
    ...windows("server", "web", "GET /"),
    ...windows("client", cache.host, "GET", "fails"),
  ]);
  const web = await fakeService(t, "web", [
    ...windows("server", "bot", "GET /"),
    ...windows("client", shop.host, "GET"),
  ]);
  const { culprits, missing } = await investigate([web.url], { view: await deadAddress() });
  assert.deepEqual(
    culprits.map(({ service }) => service),
    ["cache"],
  );
  assert.deepEqual(missing, []);
});
