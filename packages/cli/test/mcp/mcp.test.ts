import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { startReceiver } from "../../src/index.ts";
import { type Answered, assistant, MAIN } from "../helpers/assistant.ts";
import { fillView } from "../helpers/busy-view.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, fakeService, series } from "../helpers/fake-service.ts";

const TOOLS = ["investigate", "stat", "edges", "health", "summary", "lines", "traces"];

/** web calls voting, whose POST /votes fails. */
async function services(t: TestContext) {
  const bad = { failures: 31, count: 240, error: "DoughnutError" };
  const voting = await fakeService(t, "voting", [series("server", "web", "POST /votes", bad)], {
    health: { db: [{ status: "pass", state: "OK" }] },
  });
  const web = await fakeService(
    t,
    "web",
    [series("server", "unknown", "GET /vote", bad), series("client", voting.host, "POST /votes", bad)],
    { health: { voting: [{ status: "fail", state: "TIMEOUT", output: "no answer" }] } },
  );
  return { web, voting };
}

/** Each claim has its source, and text and structured content say the same. */
function checkShape({ isError, text, structured }: Answered): void {
  assert.equal(isError, false, text);
  assert.ok(text.startsWith(`${structured.note}\n\n${structured.answer}\n`), text);
  for (const { claim, source } of structured.claims) {
    assert.ok(source.length > 3);
    assert.ok(text.includes(`\n- ${claim} (source: ${source})`));
  }
}

const ERAS = ["legacy", "auto"] as const;
const isLeftOut = leftOut(ERAS, 1);

for (const era of ERAS) {
  test(`an assistant of the ${era === "legacy" ? "protocol of 2025" : "newest protocol"} runs every tool of whodunit mcp`, {
    skip: isLeftOut(era),
  }, async (t) => {
    const { web, voting } = await services(t);
    const view = await startReceiver({ port: 0 });
    t.after(() => view.close());
    const traceId = await fillView(view);
    const { client, ask } = await assistant(t, [web.url, voting.url, "--view", view.url], era);
    assert.match(client.getInstructions() ?? "", /Ask investigate first.*⟦ and ⟧/);
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      TOOLS,
    );
    for (const { annotations, inputSchema, outputSchema, description } of tools) {
      assert.deepEqual(annotations, {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      });
      assert.equal(inputSchema.additionalProperties, false);
      assert.ok(outputSchema !== undefined && description !== undefined);
    }

    const verdict = await ask("investigate", { window: "1m" });
    checkShape(verdict);
    assert.match(
      verdict.structured.answer,
      /^The culprit is ⟦voting⟧, with high confidence\. Fault: errors, 31 of 240/,
    );
    assert.deepEqual(
      [verdict.structured.facts.service, verdict.structured.facts.route, verdict.structured.facts.failures],
      ["⟦voting⟧", "⟦POST /votes⟧", 31],
    );
    const sources = verdict.structured.claims.map(({ source }) => source).join("\n");
    assert.ok(
      sources.includes(
        `server series of ⟦voting⟧, peer ⟦web⟧, route ⟦POST /votes⟧, 60 s, /debug/traffic of ${voting.url}`,
      ),
    );
    assert.match(sources, /^trace ⟦[\da-f]{32}⟧$/m);

    const stat = await ask("stat", { service: "voting" });
    checkShape(stat);
    assert.deepEqual(stat.structured.claims, [
      {
        claim: "⟦voting⟧ ⟦POST /votes⟧: success 87.08%, 4.0 a second, p50/p95/p99 11ms/11ms/11ms",
        source: `server series of ⟦voting⟧, 60 s, /debug/traffic of ${voting.url}`,
      },
    ]);

    const edges = await ask("edges");
    checkShape(edges);
    assert.match(edges.text, /⟦web⟧ calls ⟦voting⟧: success 87\.08%/);

    const health = await ask("health");
    checkShape(health);
    assert.match(health.structured.claims[1]!.claim, /^⟦web⟧ ⟦voting⟧: ⟦TIMEOUT⟧, ⟦no answer⟧$/);
    assert.equal(health.structured.claims[1]!.source, `${web.url}/health/status`);

    const summary = await ask("summary", { service: "web" });
    checkShape(summary);
    assert.match(summary.text, /⟦web-api-vote-fail⟧ of ⟦web⟧: 1 times/);

    const lines = await ask("lines", { search: "AccountID:5c522f9b", level: "error" });
    checkShape(lines);
    assert.match(
      lines.structured.claims[0]!.claim,
      /^⟦error⟧ line of ⟦web⟧: ⟦web-api-vote-fail⟧ ⟦.*no sugar left.*⟧$/,
    );
    assert.ok(
      lines.structured.claims[0]!.source.endsWith(`in ${view.url}, trace ⟦${traceId}⟧ in ${view.url}`),
    );

    const traces = await ask("traces", { errors: true, service: "voting" });
    checkShape(traces);
    assert.ok(
      traces.structured.claims.every(({ source }) => /^trace ⟦[\da-f]{32}⟧ in http:/.test(source)),
      traces.text,
    );
    assert.match(traces.structured.claims.at(-1)!.claim, /took 250 ms, 4 of 4 spans failed/);
    const one = await ask("traces", { traceId });
    checkShape(one);
    assert.match(one.structured.answer, /^4 spans, 4 failed/);
    assert.match(
      one.structured.claims[3]!.claim,
      /^depth 3: ⟦POST \/votes\/:id⟧ of ⟦voting⟧, 220 ms, failed/,
    );
  });
}

test("whodunit mcp answers what was asked before stdin ended, writes nothing but the protocol, and ends with 0", async (t) => {
  const { web, voting } = await services(t);
  const child = spawn(process.execPath, [...MAIN, "mcp", web.url, voting.url]);
  const send = (message: object): void =>
    void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "by hand", version: "1" },
  };
  send({ id: 1, method: "initialize", params });
  send({ method: "notifications/initialized" });
  send({ id: 2, method: "tools/call", params: { name: "stat", arguments: {} } });
  child.stdin.end("this is no message\n");
  const [stdout, stderr, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, "exit"),
  ]);
  const answers = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    answers.map(({ jsonrpc, id }) => [jsonrpc, id]),
    [
      ["2.0", 1],
      ["2.0", 2],
    ],
  );
  assert.match(answers[1].result.content[0].text, /⟦voting⟧ ⟦POST \/votes⟧/);
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test("whodunit mcp asks nobody but whom it was started with, whatever services or an assistant say", async (t) => {
  const other = await fakeService(t, "other", [series("server", "web", "GET /secret")]);
  const web = await fakeService(t, "web", [series("client", other.host, "GET /secret", { failures: 50 })]);
  const { ask, client } = await assistant(t, [web.url, "--view", web.url]);
  for (const tool of TOOLS) {
    await ask(tool);
    for (const input of [
      { url: other.url },
      { view: other.url },
      { logs: "/etc/passwd" },
      { follow: "*" },
      { token: "x" },
    ]) {
      const { isError, text } = await ask(tool, input);
      assert.ok(isError, `${tool} ${JSON.stringify(input)}`);
      assert.match(text, /Unrecognized key/);
    }
  }
  const path = await ask("traces", { traceId: "../../debug/level?x=aaaaaaaaaaaaaaa" });
  assert.ok(path.isError);
  for (const name of ["search", "service", "name"]) {
    await ask("lines", { [name]: `${other.url}/?a#b\r\nhost: ${other.host}` });
    assert.ok((await ask("lines", { [name]: "x".repeat(201) })).isError);
  }
  assert.equal(other.seen.length, 0);
  assert.ok(web.seen.every(({ url = "" }) => /^\/(?:debug\/traffic|health\/status|api\/[\w?])/.test(url)));
  await client.close();

  const follows = await assistant(t, [web.url, "--follow", "127.0.0.*", "--view", web.url]);
  await follows.ask("edges");
  assert.ok(other.seen.length > 0, "who started it may say that found hosts are asked");
});

test("whodunit mcp answers what goes wrong as a tool's error, and goes on", async (t) => {
  const dead = `http://${await deadAddress()}`;
  const { ask } = await assistant(t, [dead, "--view", dead, "--logs", "/nowhere/app.log"]);
  for (const tool of TOOLS) {
    const { isError, text } = await ask(tool);
    assert.ok(isError, tool);
    assert.match(text, tool === "summary" ? /cannot read \/nowhere\/app\.log/ : /refuses connections/, tool);
  }
  const bare = await assistant(t, ["--view", dead]);
  for (const tool of ["investigate", "stat", "edges", "health"]) {
    const { isError, text } = await bare.ask(tool);
    assert.ok(isError, tool);
    assert.ok(text.includes(`${dead} refuses connections`), text);
  }
  assert.match((await bare.ask("stat", { window: "10s" })).text, /a view counts by the minute/);
  assert.match((await bare.ask("stat", { window: "1y" })).text, /10s.*1m.*10m/);
});

test("whodunit mcp counts the log files and summaries that it was started with", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "whodunit-"));
  t.after(() => rm(folder, { recursive: true }));
  const line = (msg: string) =>
    `${JSON.stringify({ level: "error", time: "2026-11-20T08:47:41.960Z", msg })}\n`;
  const [log, saved] = [join(folder, "app.log"), join(folder, "anna.json")];
  await writeFile(log, line("api-fail") + line("api-fail") + line("web-fail"));
  await writeFile(saved, (await whodunit(["summary", "-o", "json"], { stdin: line("api-fail") })).stdout);
  const { ask } = await assistant(t, ["--logs", log, "--logs", saved]);
  const { structured } = await ask("summary", { name: "api-" });
  assert.equal(structured.answer, "3 lines of 1 names asked for attention, the most frequent first.");
  assert.deepEqual(structured.claims, [
    {
      claim: "⟦api-fail⟧: 3 times, first 2026-11-20T08:47:41.960Z, last 2026-11-20T08:47:41.960Z",
      source: `lines of this name in ${log}, ${saved}`,
    },
  ]);
  assert.ok((await ask("summary", { service: "web" })).isError);
});

test("whodunit mcp does not wait for a person to speak the protocol", async () => {
  const { code, stderr } = await whodunit(["mcp"], { isTTY: true });
  assert.deepEqual([code, stderr], [2, "error: an assistant starts this, and speaks to it on stdin\n"]);
});
