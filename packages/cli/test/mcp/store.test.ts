import assert from "node:assert/strict";
import { test } from "node:test";
import { startPrometheus } from "../../../../test/helpers/prometheus.ts";
import { assistant } from "../helpers/assistant.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, fakeService } from "../helpers/fake-service.ts";
import { fleetLines } from "../simulator/fleet.ts";

const AT_S = Math.floor(Date.now() / 1_000) - 6 * 3_600;
const AT = new Date(AT_S * 1_000).toISOString();
const FLEET = { services: 10, instances: 3, culprit: 7, atS: AT_S };
const PROBES = [
  ["service-7", "db", "ERROR"],
  ["service-7", "disk", "OK"],
  ["service-3", "db", "OK"],
].map(
  ([service, probe, status]) =>
    `health_probe_status{service_name="${service}",probe="${probe}",health_probe_status="${status}",namespace="shop"} 1 ${AT_S}\n`,
);

test("an assistant of whodunit mcp --prometheus asks real Prometheus about a moment past by every tool that counts", async (t) => {
  const history = [[...fleetLines(FLEET, 0, FLEET.services), ...PROBES].join("")];
  const prometheus = await startPrometheus(t, { history });
  if (prometheus === undefined) return;
  const view = `http://${await deadAddress()}`;
  const matched = ["--prometheus", prometheus.url, "--match", 'namespace="shop"', "--view", view];
  const { ask } = await assistant(t, matched);
  const place = `in ${prometheus.url} at ${AT}`;

  const verdict = await ask("investigate", { at: AT });
  assert.match(
    verdict.structured.answer,
    /^The culprit is ⟦service-7⟧.*route ⟦POST \/b⟧.*suffering ⟦service-3⟧/,
  );
  const [first] = verdict.structured.claims;
  assert.equal(
    first?.source,
    `server series of ⟦service-7⟧, peer ⟦service-3⟧, route ⟦POST /b⟧, 60 s, ${place}`,
  );
  assert.deepEqual(
    [verdict.structured.facts.service, verdict.structured.facts.route, verdict.structured.facts.failures],
    ["⟦service-7⟧", "⟦POST /b⟧", 216],
  );

  const stat = await ask("stat", { at: AT, service: "service-7" });
  assert.match(stat.structured.claims[0]!.claim, /^⟦service-7⟧ ⟦POST \/b⟧: success 7\d\.\d\d%/);
  assert.equal(stat.structured.claims[0]!.source, `server series of ⟦service-7⟧, 60 s, ${place}`);

  const edges = await ask("edges", { at: AT, service: "service-7" });
  assert.match(edges.text, /⟦service-3⟧ calls ⟦service-7⟧: success 8\d\.\d\d%/);

  const health = await ask("health", { at: AT });
  assert.equal(health.structured.answer, "1 of 2 services say that a probe of theirs is not OK.");
  assert.deepEqual(
    health.structured.claims.map(({ claim }) => claim),
    ["⟦service-7⟧: 1 of 2 probes are OK", "⟦service-7⟧ ⟦db⟧: ⟦ERROR⟧", "⟦service-3⟧: 1 of 1 probes are OK"],
  );

  // Of now it holds nothing, of what is still to come nobody does, and another store is not asked.
  assert.match((await ask("stat")).text, /holds no requests of services/);
  assert.match((await ask("stat", { at: "2999-01-01T00:00:00Z" })).text, /is still to come/);
  assert.ok((await ask("stat", { at: "last night" })).isError);
  assert.ok((await ask("stat", { prometheus: "http://127.0.0.1:1" })).isError);
  const other = await assistant(t, ["--prometheus", prometheus.url, "--match", 'namespace="x"']);
  assert.match((await other.ask("edges", { at: AT })).text, /holds no requests of services/);
});

test("whodunit mcp says that services tell of now alone, and refuses a store beside them", async (t) => {
  const web = await fakeService(t, "web", []);
  const { ask } = await assistant(t, [web.url]);
  for (const tool of ["investigate", "stat", "edges", "health"]) {
    const { isError, text } = await ask(tool, { at: AT });
    assert.ok(isError, tool);
    assert.match(text, /services tell of now alone.*whodunit mcp --prometheus/);
  }
  assert.equal(web.seen.length, 0);
  const store = ["--prometheus", "http://127.0.0.1:1"];
  const cases: [string[], RegExp][] = [
    [["mcp", web.url, ...store], /give addresses of services or --prometheus, not both/],
    [["mcp", "--match", 'a="b"'], /missing required argument 'url', or --prometheus/],
    [["mcp", ...store, "--match", "shop"], /is no list of matchers/],
  ];
  for (const [args, said] of cases) {
    const { code, stderr } = await whodunit(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});
