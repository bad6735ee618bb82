import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { type TestContext, test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { leftOut } from "../../../../../test/helpers/scale.ts";
import { edges, type InvestigateOptions, investigate, stat } from "../../../src/index.ts";
import { whodunit } from "../../helpers/command.ts";
import { deadAddress } from "../../helpers/fake-service.ts";
import { fleetLines } from "../../simulator/fleet.ts";

const INSTANCES = 3;
const CULPRIT = 7;

/** A proxy before a store that counts what passes. */
async function counting(t: TestContext, url: string): Promise<{ url: string; queries: () => number }> {
  let queries = 0;
  const server = createServer((incoming, outgoing) => {
    queries++;
    const { method, headers } = incoming;
    const sent = request(new URL(incoming.url ?? "/", url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(sent);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, queries: () => queries };
}

const FLEETS = [10, 100];
const isLeftOut = leftOut(FLEETS, 1);

for (const services of FLEETS) {
  test(`investigate(), stat() and edges() of ${services} services in real Prometheus: the culprit, its path, in 20 queries at most`, {
    skip: isLeftOut(services),
  }, async (t) => {
    const atS = Math.floor(Date.now() / 1_000) - 3_600;
    const fleet = { services, instances: INSTANCES, culprit: CULPRIT, atS };
    const prometheus = await startPrometheus(t, { history: [[...fleetLines(fleet, 0, services)].join("")] });
    if (prometheus === undefined) return;
    const proxy = await counting(t, prometheus.url);
    const store = { url: proxy.url, at: new Date(atS * 1_000), match: 'namespace="shop"' };
    const options: InvestigateOptions = { store, view: await deadAddress() };
    const verdict = await investigate([], options);
    assert.ok(proxy.queries() <= 20, `${proxy.queries()} queries`);
    const [culprit] = verdict.culprits;
    assert.equal(culprit?.service, "service-7");
    assert.deepEqual(culprit.path, ["unknown", "service-0", "service-1", "service-3", "service-7"]);
    assert.deepEqual(
      culprit.routes.map(({ name }) => name),
      ["POST /b"],
    );
    assert.equal(verdict.services.length, services);
    assert.equal(culprit.failures, 3 * 72);
    assert.deepEqual(verdict.missing, []);
    const before = proxy.queries();
    const told = await stat([], { store });
    assert.equal(told.rows.length, 2 * services);
    for (const { name, success, latencyMsP50, rps } of told.rows) {
      assert.ok(success !== null && success > 0.69, name);
      assert.ok(latencyMsP50! > 10 && latencyMsP50! < 26, `${name}: ${latencyMsP50} ms`);
      assert.ok(Math.abs(rps! - 12.12) < 0.5, `${name}: ${rps} rps`);
    }
    const called = await edges([], { store });
    assert.equal(called.rows.length, 2 * services);
    assert.ok(
      called.rows.some(
        ({ src, dst, seenBy }) => src === "service-3" && dst === "service-7" && seenBy === "dst",
      ),
    );
    assert.ok(proxy.queries() - before <= 20, `${proxy.queries() - before} queries of both`);
  });
}

/** A fleet in which nobody fails but one process of a newer version, which began an hour before. */
function newVersion(services: number, atS: number): string {
  const linesOf = (culprit: number): string =>
    [...fleetLines({ services, instances: INSTANCES, culprit, atS }, 0, services)].join("");
  const isNew = (line: string): boolean => line.includes(`service_instance_id="${CULPRIT}-2"`);
  const well = linesOf(-1).split("\n");
  const failing = linesOf(CULPRIT).split("\n");
  return well
    .map((line, i) =>
      isNew(line)
        ? failing[i]!.replace('service_version="1.0.0"', 'service_version="1.1.0"').replace(
            /^(whodunit_start_time\S+) \S+/,
            `$1 ${atS - 3_600}`,
          )
        : line,
    )
    .join("\n");
}

const VERSIONED = [10, 60];
const isVersionedLeftOut = leftOut(VERSIONED, 1);

for (const services of VERSIONED) {
  test(`whodunit stat --by version of ${services} services in real Prometheus says which version is worse`, {
    skip: isVersionedLeftOut(services),
  }, async (t) => {
    const atS = Math.floor(Date.now() / 1_000) - 3_600;
    const prometheus = await startPrometheus(t, { history: [newVersion(services, atS)] });
    if (prometheus === undefined) return;
    const at = new Date(atS * 1_000).toISOString();
    const args = ["stat", "--by", "version", "--prometheus", prometheus.url, "--at", at, "-o", "json"];
    const { code, stdout, stderr } = await whodunit(args);
    const { rows, worse } = JSON.parse(stdout) as {
      rows: { name: string; version: string; route: string; success: number }[];
      worse: { name: string; version: string; than: string[]; route: string }[];
    };
    assert.equal(stderr, "");
    assert.deepEqual(
      worse.map(({ name, version, than, route }) => [name, version, than, route]),
      [[`service-${CULPRIT}`, "1.1.0", ["1.0.0"], "POST /b"]],
    );
    const own = rows.filter(({ name, route }) => name === `service-${CULPRIT}` && route === "POST /b");
    assert.deepEqual(
      own.map(({ version, success }) => [version, success > 0.99]),
      [
        ["1.0.0", true],
        ["1.1.0", false],
      ],
    );
    // The others run one version only, which is no comparison.
    assert.equal(code, 3);
  });
}

/** The same history, but that one process began anew half a minute ago and has been asked nothing since. */
function begunAnew(lines: string, service: number, atS: number): string {
  return lines
    .split("\n")
    .map((line) => {
      if (!line.includes(`service_instance_id="${service}-0"`) || !line.endsWith(` ${atS}`)) return line;
      const value = line.startsWith("whodunit_start_time") ? atS - 30 : 0;
      return line.replace(/ \S+ (\d+)$/, ` ${value} $1`);
    })
    .join("\n");
}

test("stat(), edges() and investigate() of a fleet in real Prometheus count what grew, although a sum fell with a process that began anew", async (t) => {
  const atS = Math.floor(Date.now() / 1_000) - 3_600;
  const fleet = { services: 60, instances: INSTANCES, culprit: CULPRIT, atS };
  const lines = [...fleetLines(fleet, 0, fleet.services)].join("");
  const prometheus = await startPrometheus(t, { history: [begunAnew(lines, 20, atS)] });
  if (prometheus === undefined) return;
  const store = { url: prometheus.url, at: new Date(atS * 1_000) };
  const told = await stat([], { store });
  assert.equal(told.rows.length, 2 * fleet.services);
  for (const { name, rps, success } of told.rows) {
    const wanted = name === "service-20" ? (2 / 3) * 12.12 : 12.12;
    assert.ok(Math.abs(rps! - wanted) < 0.5, `${name}: ${rps} rps`);
    assert.ok(success! > 0.69, name);
  }
  const to = await stat([], { store, to: "service-20" });
  assert.deepEqual(
    to.rows.flatMap(({ name, route }) => (route === null ? [] : [`${name} ${route}`])),
    ["service-9 GET", "service-9 POST"],
  );
  for (const { route, latencyMsP50 } of to.rows)
    assert.ok(route === null || (latencyMsP50! > 10 && latencyMsP50! < 26), `${latencyMsP50} ms`);
  const { rows } = await edges([], { store });
  assert.equal(rows.length, 2 * fleet.services);
  for (const { src, dst, rps, latencyMsP50 } of rows) {
    assert.ok(rps! > 7 && rps! < 26, `${src} to ${dst}: ${rps} rps`);
    assert.ok(latencyMsP50! > 10 && latencyMsP50! < 26, `${src} to ${dst}: ${latencyMsP50} ms`);
  }
  const verdict = await investigate([], { store, view: await deadAddress() });
  assert.deepEqual(
    verdict.culprits.map(({ service }) => service),
    ["service-7"],
  );
  // Of all sides and routes; one process has counted a million since its start.
  assert.ok(verdict.requests < 250_000, `${verdict.requests} requests`);
});
