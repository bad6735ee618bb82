import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs/light.js";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { type Receiver, startReceiver } from "../../src/index.ts";
import type { FoundLine, NamedCount } from "../../src/view/store/find-lines.ts";
import { matchExpression } from "../../src/view/store/search-query.ts";
import { TRACE_ID } from "../helpers/otlp.ts";
import { logsRequest, nanosAgo, postLogs, text } from "../helpers/otlp-logs.ts";

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0 });
  t.after(() => started.close());
  return started;
}

const find = async (url: string, query: Record<string, string>): Promise<FoundLine[]> => {
  const response = await fetch(`${url}/api/lines?${new URLSearchParams(query)}`);
  assert.equal(response.status, 200, await response.clone().text());
  return ((await response.json()) as { lines: FoundLine[] }).lines;
};

const RECORDS = [
  {
    timeUnixNano: nanosAgo(5_000),
    severityNumber: 17,
    severityText: "ERROR",
    body: { stringValue: "web-vote-fail" },
    attributes: [
      text("AccountID", "5c522f9b"),
      {
        key: "err",
        value: { kvlistValue: { values: [text("type", "RedeemError"), text("message", "No sugar left")] } },
      },
      { key: "tries", value: { intValue: "3" } },
    ],
    traceId: TRACE_ID,
    spanId: "17c85417c85417c8",
  },
  { timeUnixNano: nanosAgo(4_000), severityNumber: 9, body: { stringValue: "order 17 is on its way" } },
  { timeUnixNano: nanosAgo(3_000), severityNumber: 13, body: { stringValue: "order 18 is late, no sugar" } },
  {
    observedTimeUnixNano: nanosAgo(2_000),
    severityText: "fatal",
    eventName: "device-gone",
    body: { kvlistValue: { values: [text("disk", 'sd"a')] } },
  },
  { body: { arrayValue: { values: [{ intValue: "1" }, { stringValue: "ünïcode 日本語" }] } } },
];

test("GET /api/lines gives what was posted to /v1/logs, the latest first, each with its fields and its trace", async (t) => {
  const { url } = await receiver(t);
  assert.deepEqual(await postLogs(url, logsRequest("web", RECORDS)), { status: 200, text: "{}" });
  const lines = await find(url, {});
  assert.deepEqual(
    lines.map(({ service, level, failed, name, text: said }) => [service, level, failed, name, said]),
    [
      ["web", "info", false, '[<*>,"<*>"]', '[1,"ünïcode 日本語"]'],
      ["web", "fatal", true, "device-gone", '{"disk":"sd\\"a"}'],
      ["web", "warn", true, "order <*> is late, no sugar", "order 18 is late, no sugar"],
      ["web", "info", false, "order <*> is on its way", "order 17 is on its way"],
      ["web", "error", true, "web-vote-fail", "web-vote-fail"],
    ],
  );
  const { traceId, spanId, fields, timeMs } = lines[4]!;
  assert.deepEqual(
    { traceId, spanId, fields },
    {
      traceId: TRACE_ID,
      spanId: "17c85417c85417c8",
      fields: { AccountID: "5c522f9b", err: { type: "RedeemError", message: "No sugar left" }, tries: 3 },
    },
  );
  assert.ok(Math.abs(timeMs - (Date.now() - 5_000)) < 60_000);
});

test("POST /v1/logs reads protobuf as it reads JSON", async (t) => {
  const { url } = await receiver(t);
  const any = new protobuf.Type("AnyValue").add(new protobuf.Field("stringValue", 1, "string"));
  const pair = new protobuf.Type("KeyValue")
    .add(new protobuf.Field("key", 1, "string"))
    .add(new protobuf.Field("value", 2, "AnyValue"));
  const record = new protobuf.Type("LogRecord")
    .add(new protobuf.Field("timeUnixNano", 1, "fixed64"))
    .add(new protobuf.Field("severityNumber", 2, "int32"))
    .add(new protobuf.Field("body", 5, "AnyValue"))
    .add(new protobuf.Field("attributes", 6, "KeyValue", "repeated"))
    .add(new protobuf.Field("traceId", 9, "bytes"));
  const scope = new protobuf.Type("ScopeLogs").add(
    new protobuf.Field("logRecords", 2, "LogRecord", "repeated"),
  );
  const resource = new protobuf.Type("Resource").add(
    new protobuf.Field("attributes", 1, "KeyValue", "repeated"),
  );
  const logs = new protobuf.Type("ResourceLogs")
    .add(new protobuf.Field("resource", 1, "Resource"))
    .add(new protobuf.Field("scopeLogs", 2, "ScopeLogs", "repeated"));
  const request = new protobuf.Type("Request").add(
    new protobuf.Field("resourceLogs", 1, "ResourceLogs", "repeated"),
  );
  const root = new protobuf.Root();
  for (const type of [any, pair, record, scope, resource, logs, request]) root.add(type);
  const said = { attributes: [{ key: "service.name", value: { stringValue: "voting" } }] };
  const body = request.encode({
    resourceLogs: [
      {
        resource: said,
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: 1_763_628_461_960_000_000,
                severityNumber: 17,
                body: { stringValue: "voting-fail" },
                attributes: [{ key: "AccountID", value: { stringValue: "7" } }],
                traceId: Buffer.from(TRACE_ID, "hex"),
              },
            ],
          },
        ],
      },
    ],
  });
  const answer = await postLogs(url, body.finish(), { "content-type": "application/x-protobuf" });
  assert.deepEqual(answer, { status: 200, text: "" });
  const [line] = await find(url, { search: "AccountID:7 service:voting" });
  assert.deepEqual(
    [line?.name, line?.level, line?.traceId, line?.timeMs],
    ["voting-fail", "error", TRACE_ID, 1_763_628_461_960],
  );
});

test("POST /v1/logs refuses what is no request of logs with a 4xx that says why", async (t) => {
  const { url } = await receiver(t);
  for (const [body, why] of [
    ["{", /body is no OTLP logs request: /],
    ['{"resourceLogs":5}', /resourceLogs is not a list/],
    [
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"text"}]}]}]}',
      /logRecords\[0\]\.body is not an object/,
    ],
  ] as const) {
    const { status, text: said } = await postLogs(url, body);
    assert.equal(status, 400);
    assert.match(said, why);
  }
  assert.equal((await find(url, {})).length, 0);
});

test("GET /api/lines finds words, phrases, beginnings and fields with their values, and all of them together", async (t) => {
  const { url } = await receiver(t);
  await postLogs(url, logsRequest("web", RECORDS));
  await postLogs(url, logsRequest("voting", [{ body: { stringValue: "sugar, no" } }]));
  const cases: Readonly<Record<string, readonly string[]>> = {
    sugar: ["sugar, no", "order 18 is late, no sugar", "web-vote-fail"],
    '"no sugar"': ["order 18 is late, no sugar", "web-vote-fail"],
    "SUGAR late": ["order 18 is late, no sugar"],
    "sug*": ["sugar, no", "order 18 is late, no sugar", "web-vote-fail"],
    "service:voting": ["sugar, no"],
    "level:error": ['{"disk":"sd\\"a"}', "order 18 is late, no sugar", "web-vote-fail"],
    "level:warn": ["order 18 is late, no sugar"],
    "AccountID:5c522f9b": ["web-vote-fail"],
    "accountid:5C522F9B": ["web-vote-fail"],
    "err.type:RedeemError tries:3": ["web-vote-fail"],
    'err.message:"No sugar left" service:web': ["web-vote-fail"],
    'disk:"sd\\"a"': ['{"disk":"sd\\"a"}'],
    'name:"order <*> is on its way"': ["order 17 is on its way"],
    日本語: ['[1,"ünïcode 日本語"]'],
    unicode: ['[1,"ünïcode 日本語"]'],
    [`trace:${TRACE_ID}`]: ["web-vote-fail"],
    "service:vot": [],
    "service:web voting": [],
    "err.type:Redeem": [],
    nothing: [],
  };
  for (const [search, said] of Object.entries(cases))
    assert.deepEqual(
      (await find(url, { search })).map((line) => line.text),
      said,
      search,
    );
  assert.deepEqual(
    (await find(url, { trace: TRACE_ID.toUpperCase() })).map((line) => line.name),
    ["web-vote-fail"],
  );
  assert.deepEqual((await find(url, { service: "web", level: "error", search: "sugar" })).length, 2);
});

test("GET /api/lines never takes a search for syntax, whatever is in it", async (t) => {
  const { url } = await receiver(t);
  await postLogs(url, logsRequest("web", RECORDS));
  const hostile = [
    '"',
    "'; DROP TABLE lines --",
    "a OR b",
    "NOT",
    "NEAR(a b)",
    "text : sugar",
    "*",
    "(",
    "{",
    "^a",
    "-sugar",
    "a:b:c:",
    "\\",
    '"" ""',
    "\0",
    "field:",
    "🙂",
  ];
  for (const search of hostile) await find(url, { search });
  await fc.assert(
    fc.asyncProperty(anyText({ maxLength: 40 }), async (search) => {
      matchExpression(search);
      await find(url, { search });
    }),
    { numRuns: 60 },
  );
  assert.equal((await find(url, {})).length, 5);
});

test("GET /api/lines goes back page by page, and tells what has come since", async (t) => {
  const { url } = await receiver(t);
  const record = (i: number) => ({ timeUnixNano: nanosAgo(10_000 - i), body: { stringValue: `line ${i}` } });
  await postLogs(
    url,
    logsRequest(
      "web",
      Array.from({ length: 25 }, (_, i) => record(i)),
    ),
  );
  const seen: string[] = [];
  let before: string | undefined;
  for (;;) {
    const page = await find(url, { limit: "10", ...(before === undefined ? {} : { before }) });
    if (page.length === 0) break;
    seen.push(...page.map((line) => line.text));
    before = page.at(-1)!.id;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => `line ${24 - i}`),
  );
  const [latest] = await find(url, { limit: "1" });
  await postLogs(url, logsRequest("web", [record(25), record(26)]));
  assert.deepEqual(
    (await find(url, { after: latest!.id })).map((line) => line.text),
    ["line 26", "line 25"],
  );
  const around = await fetch(`${url}/api/lines/${latest!.id}/around?each=1`);
  const { lines } = (await around.json()) as { lines: FoundLine[] };
  assert.deepEqual(
    lines.map((line) => line.text),
    ["line 25", "line 24", "line 23"],
  );
  for (const wrong of ["before=x", "after=1-", "limit=0", "from=soon", "limit=1.5"])
    assert.equal((await fetch(`${url}/api/lines?${wrong}`)).status, 400, wrong);
  assert.equal((await fetch(`${url}/api/lines/9-9/around`)).status, 404);
});

test("GET /api/names and /api/over-time count lines by name and by minute", async (t) => {
  const { url } = await receiver(t);
  await postLogs(url, logsRequest("web", [...RECORDS, ...RECORDS]));
  const { names } = (await (await fetch(`${url}/api/names`)).json()) as { names: NamedCount[] };
  assert.deepEqual(
    names.map(({ name, failed, count }) => [name, failed, count]),
    [
      ['[<*>,"<*>"]', false, 2],
      ["device-gone", true, 2],
      ["order <*> is late, no sugar", true, 2],
      ["order <*> is on its way", false, 2],
      ["web-vote-fail", true, 2],
    ],
  );
  const { points } = (await (await fetch(`${url}/api/over-time?stepMinutes=60`)).json()) as {
    points: { failedLines: number }[];
  };
  assert.equal(
    points.reduce((sum, { failedLines }) => sum + failedLines, 0),
    6,
  );
  assert.equal((await fetch(`${url}/api/over-time?from=2020-01-01T00:00:00Z`)).status, 400);
});
