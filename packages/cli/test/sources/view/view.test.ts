import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { edges, investigate, startReceiver, stat } from "../../../src/index.ts";
import { type Call, sendCalls, traceOf } from "../../helpers/calls.ts";
import { whodunit } from "../../helpers/command.ts";
import { exportRequest, type JsonSpan, post } from "../../helpers/otlp.ts";
import { logsRequest, postLogs, text } from "../../helpers/otlp-logs.ts";

const VOTE: readonly Call[] = [
  { from: "bot", to: "web", route: "POST /api/vote", ms: 30 },
  { from: "web", to: "voting", route: "POST /votes/:id", ms: 20 },
];
const FAILED = VOTE.map((call) => ({ ...call, failed: true }));
const MINUTE_MS = 60_000;

/** Sends such traces as if they had ended at a moment. */
async function sendAt(url: string, atMs: number, times: number, calls: readonly Call[]): Promise<void> {
  const all = new Map<string, JsonSpan[]>();
  for (let i = 0; i < times; i++) {
    for (const [service, spans] of traceOf(calls).byService) {
      const moved = spans.map((span): JsonSpan => {
        const nanos = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
        const end = BigInt(atMs) * 1_000_000n;
        return {
          ...span,
          startTimeUnixNano: String(end - nanos),
          endTimeUnixNano: String(end),
          ...(calls[0]?.failed === true && span.kind === 2
            ? { attributes: [{ key: "http.response.status_code", value: { intValue: "500" } }] }
            : {}),
        };
      });
      all.set(service, [...(all.get(service) ?? []), ...moved]);
    }
  }
  for (const [service, spans] of all)
    assert.equal((await post(url, exportRequest(service, spans))).status, 200);
}

test("stat(), edges() and investigate() of a running view say what services themselves would, by their spans", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await sendCalls(view, 80, VOTE);
  await sendCalls(view, 20, FAILED);
  // What a service does by itself nobody has asked it for.
  const job: JsonSpan[] = Array.from({ length: 50 }, () => {
    const { traceId, byService } = traceOf([{ from: "bot", to: "web" }]);
    const [span] = byService.get("bot") as [JsonSpan];
    return { ...span, traceId, name: "tidy-up", kind: 1 };
  });
  await post(view.url, exportRequest("bot", job));
  await sendCalls(view, 100, [{ from: "web", to: "emoji", route: "GET /emoji/:name", ms: 5 }]);
  await postLogs(
    view.url,
    logsRequest("voting", [
      {
        body: { stringValue: "voting-health-mydb-ok" },
        attributes: Object.entries({
          probe: "mydb",
          from: "STARTING",
          to: "OK",
          since: new Date(Date.now() - MINUTE_MS).toISOString(),
          at: new Date(Date.now() - MINUTE_MS).toISOString(),
        }).map(([key, value]) => text(key, value)),
      },
    ]),
  );
  const receiver = { url: view.url };

  const told = await stat([], { receiver });
  assert.deepEqual(
    told.rows.flatMap(({ name, route, success }) => (route === null ? [] : [[name, route, success]])),
    [
      ["web", "POST /api/vote", 0.8],
      ["voting", "POST /votes/:id", 0.8],
      ["emoji", "GET /emoji/:name", 1],
    ],
  );
  const web = told.rows.find(({ name }) => name === "web");
  assert.ok(Math.abs(web!.latencyMsP50! - 30) < 3, `${web!.latencyMsP50} ms`);
  const from = await stat([], { receiver, from: "bot" });
  assert.deepEqual(
    from.rows.flatMap(({ name, route }) => (route === null ? [] : [name])),
    ["web"],
  );

  const called = await edges([], { receiver });
  assert.deepEqual(
    called.rows.map(({ src, dst, seenBy, success }) => [src, dst, seenBy, success]),
    [
      ["bot", "web", "dst", 0.8],
      ["web", "emoji", "dst", 1],
      ["web", "voting", "dst", 0.8],
    ],
  );

  const verdict = await investigate([], { receiver });
  const [culprit, ...others] = verdict.culprits;
  assert.deepEqual([verdict.verdict, culprit?.service, others], ["culprit", "voting", []]);
  assert.deepEqual(
    [culprit?.routes.map(({ name }) => name), culprit?.failures, culprit?.count, culprit?.path],
    [["POST /votes/:id"], 20, 100, ["bot", "web", "voting"]],
  );
  assert.deepEqual(verdict.health, ["voting says that all is well"]);
  assert.equal(verdict.trace?.spans.length, 4);
  assert.ok(culprit!.since !== null && Math.abs(Date.parse(culprit!.since) - Date.now()) < 5 * MINUTE_MS);
});

test("a running view tells of a callee that sends no spans, and of nobody where all is well", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  // Of a call both sides of which are here, only the caller's.
  const callOf = (failed: boolean): JsonSpan => {
    const { byService } = traceOf([{ from: "web", to: "orders", failed }]);
    const [span] = byService.get("web") as [JsonSpan];
    const type = { key: "error.type", value: { stringValue: "ECONNREFUSED" } };
    return failed ? { ...span, attributes: [...(span.attributes ?? []), type] } : span;
  };
  const send = async (times: number, failed: boolean): Promise<void> => {
    const calls = Array.from({ length: times }, () => callOf(failed));
    await post(view.url, exportRequest("web", calls));
  };
  await send(60, false);
  const receiver = { url: view.url };
  assert.equal((await investigate([], { receiver })).verdict, "nothing");
  await send(40, true);
  const [culprit] = (await investigate([], { receiver })).culprits;
  assert.deepEqual([culprit?.service, culprit?.fault, culprit?.failures], ["orders:80", "unreachable", 40]);
});

test("a running view names whom it would have named hours ago, also when it was begun anew since", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "whodunit-view-source-"));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const first = await startReceiver({ port: 0, data });
  const atMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 6 * 3_600_000;
  for (let ago = 80; ago > 5; ago--) await sendAt(first.url, atMs - ago * MINUTE_MS + 1_000, 20, VOTE);
  for (let ago = 5; ago > 0; ago--) {
    await sendAt(first.url, atMs - ago * MINUTE_MS + 20_000, 15, VOTE);
    await sendAt(first.url, atMs - ago * MINUTE_MS + 30_000, 5, FAILED);
  }
  await first.close();
  const view = await startReceiver({ port: 0, data });
  t.after(() => view.close());
  const receiver = { url: view.url, at: new Date(atMs + 20_000) };
  const verdict = await investigate([], { receiver, windowS: 180 });
  const [culprit] = verdict.culprits;
  assert.deepEqual([culprit?.service, culprit?.failures, culprit?.count], ["voting", 15, 60]);
  assert.match(culprit!.error, /^5/);
  assert.equal(culprit?.since, new Date(atMs - 5 * MINUTE_MS + 29_980).toISOString());
  assert.equal(verdict.at, receiver.at.toISOString());
  const told = await stat([], { receiver, windowS: 180 });
  const voting = told.rows.find(({ name }) => name === "voting");
  assert.deepEqual([voting?.success, voting?.rps], [0.75, 60 / 180]);
  const quiet = await investigate([], { receiver: { ...receiver, at: new Date(atMs - 30 * MINUTE_MS) } });
  assert.equal(quiet.verdict, "nothing");
  await assert.rejects(
    stat([], { receiver: { ...receiver, at: new Date(atMs - 30 * 3_600_000) } }),
    /holds no spans of requests of that time/,
  );
});

test("whodunit stat, edges and investigate ask a view by --view, with its token, and say what it cannot tell", async (t) => {
  const token = "a-token-of-more-than-16";
  const view = await startReceiver({ port: 0, host: "0.0.0.0", token });
  t.after(() => view.close());
  const url = `http://127.0.0.1:${view.port}`;
  const authorization = `Bearer ${token}`;
  for (const [service, spans] of Map.groupBy(
    Array.from({ length: 50 }, (_, i) => [...traceOf(i < 10 ? FAILED : VOTE).byService]).flat(),
    ([name]) => name,
  )) {
    const all = spans.flatMap(([, own]) => own);
    await post(url, exportRequest(service, all), { authorization });
  }
  const env = { WHODUNIT_TOKEN: token };
  const found = await whodunit(["investigate", "--view", url], { env });
  assert.equal(found.code, 1, found.stderr);
  assert.match(found.stdout, /^voting is murdering requests\.[\s\S]*trace {6}[0-9a-f]{32}/);
  assert.match(
    (await whodunit(["stat", "--view", url], { env })).stdout,
    /voting +POST \/votes\/:id +80\.00%/,
  );
  assert.match((await whodunit(["edges", "--view", url], { env })).stdout, /web +voting +80\.00%/);
  const refused = await whodunit(["stat", "--view", url], { env: {} });
  assert.deepEqual([refused.code, refused.stdout], [3, ""]);
  assert.match(refused.stderr, /answered 401.*WHODUNIT_TOKEN/);
  for (const [args, said] of [
    [["stat", "--view", url, "-t", "10s"], /a view counts by the minute/],
    [["edges", "--view", url, "--last", "90s"], /a view counts by the minute/],
    [["stat", "--view", url, "--match", 'namespace="shop"'], /--match is for a store/],
    [["stat", "--view", url, "--by", "version"], /a view does not count by version/],
    [["stat", "--by", "version", "--from", "a", url], /--by version compares all requests/],
    [["edges"], /--prometheus <url>, or --view <url>/],
  ] as const) {
    const { code, stderr } = await whodunit(args, { env });
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, said);
  }
});
