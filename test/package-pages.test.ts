import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";
import { fences, linesOf, page, runProgram } from "./helpers/documented-program.ts";
import { signed } from "./helpers/signed.ts";

/** The first program of a package's README writes and answers what stands below it. */

/** It listens on a port of its own. */
const first = (document: string): string =>
  `// program.ts\n${fences(page(document), "ts")[0]}`.replace("listen(8080", "listen(0");

test("packages/logger/README.md: the first program writes the lines below it", async (t) => {
  const document = "packages/logger/README.md";
  const program = runProgram(t, first(document));
  await once(program.process, "close");
  assert.deepEqual(linesOf(program.lines), linesOf(fences(page(document), "json")[0]!.trim().split("\n")));
});

test("packages/health/README.md: the first program answers the entries below it", async (t) => {
  const document = "packages/health/README.md";
  const pool = 'Object.assign(globalThis, { pool: { query: async () => ["1"] } });\n';
  const program = runProgram(t, first(document).replace(/\nconst health/, `\n${pool}$&`));
  const told = (text: string): object[] =>
    // How the partner's probe ends is the network's affair.
    linesOf((JSON.parse(text) as object[]).map((entry) => JSON.stringify(entry))).map((entry) =>
      "Name" in entry && entry.Name === "myDB" ? entry : { ...entry, Status: "of the partner" },
    );
  const url = await program.url;
  const { status } = await fetch(`${url}/health/ready`);
  assert.equal(status, 200);
  const answer = await (await fetch(`${url}/health/status`)).text();
  assert.deepEqual(told(answer), told(fences(page(document), "json")[0]!));
});

test("packages/tracing/README.md: the first program answers what stands below it, and tells of its traffic in those fields", async (t) => {
  const document = "packages/tracing/README.md";
  const [items = "", traffic = ""] = fences(page(document), "json")[0]!.split("\n");
  const program = runProgram(t, first(document));
  const url = await program.url;
  assert.equal(await (await fetch(`${url}/carts/7`)).text(), items);
  const answer = await fetch(`${url}/debug/traffic`, { headers: await signed(url) });
  const told = (await answer.json()) as Told;
  const shown = JSON.parse(traffic.replaceAll(/,? ?…/g, "")) as Told;
  const ofSpan = shown.spans as Record<string, unknown>;
  assert.deepEqual(Object.keys(told), Object.keys(shown));
  assert.deepEqual(Object.keys(told.series[0]!), Object.keys(shown.series[0]!));
  assert.deepEqual(Object.keys(told.changes[0]!), Object.keys(shown.changes[0]!));
  for (const name of Object.keys(ofSpan)) assert.ok(name in told.spans, name);
  const { side, peer, route, count, failures } = told.series[0]!;
  assert.deepEqual(
    { side, peer, route, count, failures },
    {
      ...{ side: "server", peer: "unknown", route: "GET /carts/:id", count: 1, failures: 0 },
    },
  );
});

test("packages/tracing/README.md: a second start, and the accounts of two exporters, are told as it shows them", () => {
  const program = `
    import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
    import { startTracing, withSpan } from "@whodunit/tracing";
    const exporters = [new InMemorySpanExporter(), new InMemorySpanExporter()];
    const tracing = startTracing({ service: "web", exporters });
    startTracing({ service: "web", exporters, sampleRatio: 0.5 });
    withSpan("load-cart", () => {});
    console.log(JSON.stringify(await tracing.close()));
  `;
  const args = ["--conditions=@whodunit/source", "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: `${ROOT}test`, encoding: "utf8" });
  const shown = fences(page("packages/tracing/README.md"), "json");
  const again = shown.filter((fence) => fence.includes("started_already"));
  assert.deepEqual(linesOf(stderr.trim().split("\n")), linesOf(again.map((line) => line.trim())));

  const [accounts] = shown.filter((fence) => fence.startsWith('{"ended"'));
  const [told, wanted] = [JSON.parse(stdout), JSON.parse(accounts!)];
  assert.deepEqual(Object.keys(told), Object.keys(wanted));
  for (const at of [0, 1]) {
    assert.deepEqual(Object.keys(told.exporters[at]), Object.keys(wanted.exporters[at]));
    assert.deepEqual(Object.keys(told.exporters[at].dropped), Object.keys(wanted.exporters[at].dropped));
  }
});

interface Told {
  readonly series: readonly Readonly<Record<string, unknown>>[];
  readonly changes: readonly object[];
  readonly spans: object;
}
