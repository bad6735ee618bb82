import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import protobuf from "protobufjs/light.js";
import { type Receiver, type ReceiverOptions, type Span, startReceiver } from "../../src/index.ts";
import { decodeRequest } from "../../src/view/otlp/proto.ts";
import type { TraceSummary } from "../../src/view/store/find-traces.ts";
import { exportRequest, type JsonSpan, post, span, TRACE_ID } from "../helpers/otlp.ts";

async function receiver(t: TestContext, options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver({ port: 0, ...options });
  t.after(() => started.close());
  return started;
}

interface Listed {
  readonly traces: TraceSummary[];
  readonly spans: Span[];
}

const getJson = async (url: string): Promise<Listed> => (await fetch(url)).json() as Promise<Listed>;

test("startReceiver() takes OTLP/JSON and answers with the trace", async (t) => {
  const { url } = await receiver(t);
  const rich: Partial<JsonSpan> = {
    status: { code: 2, message: "no doughnuts" },
    attributes: [
      { key: "http.response.status_code", value: { intValue: "500" } },
      { key: "big", value: { intValue: "9223372036854775807" } },
      { key: "ratio", value: { doubleValue: 0.5 } },
      { key: "ok", value: { boolValue: false } },
      { key: "tags", value: { arrayValue: { values: [{ stringValue: "a" }, { intValue: 2 }] } } },
      { key: "map", value: { kvlistValue: { values: [{ key: "k", value: { stringValue: "v" } }] } } },
      { key: "__proto__", value: { stringValue: "harmless" } },
    ],
  };
  const answer = await post(
    url,
    exportRequest("web", [
      span(2, 1.5, 2.25, { parentSpanId: span(1, 0, 0).spanId, ...rich }),
      span(1, 0, 10),
    ]),
  );
  assert.deepEqual(answer, { status: 200, type: "application/json", text: "{}" });
  const { spans } = await getJson(`${url}/api/traces/${TRACE_ID}`);
  assert.equal(spans.length, 2);
  assert.deepEqual(
    spans.map((one) => [one.spanId, one.parentSpanId, one.service, one.kind, one.error, one.durationMs]),
    [
      ["0000000000000001", null, "web", "server", false, 10],
      ["0000000000000002", "0000000000000001", "web", "server", true, 2.25],
    ],
  );
  assert.equal(spans[1]!.startMs - spans[0]!.startMs, 1.5);
  assert.equal(spans[1]?.message, "no doughnuts");
  assert.equal(
    JSON.stringify(spans[1]?.attributes),
    '{"http.response.status_code":500,"big":"9223372036854775807","ratio":0.5,"ok":false,"tags":["a",2],"map":{"k":"v"},"__proto__":"harmless"}',
  );
  const { traces } = await getJson(`${url}/api/traces?service=web&error=true`);
  assert.deepEqual(traces, [
    {
      traceId: TRACE_ID,
      startMs: 1_763_628_461_960,
      durationMs: 10,
      root: { service: "web", name: "GET /" },
      services: [{ name: "web", spans: 2, errors: 1 }],
      spans: 2,
      errors: 1,
    },
  ]);
});

const PROTOBUF = { "content-type": "application/x-protobuf" };

/** The same request as protobuf, encoded by protobufjs from the published schema's field numbers. */
function toProtobuf(request: object): Uint8Array {
  const json = JSON.parse(JSON.stringify(request), (key, value) =>
    /^(?:traceId|spanId|parentSpanId)$/.test(key) ? Buffer.from(value, "hex").toString("base64") : value,
  );
  return ExportRequest.encode(ExportRequest.fromObject(json)).finish();
}

const field = (id: number, type: string, rule?: string) =>
  rule === undefined ? { id, type } : { id, type, rule };
const ExportRequest = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceSpans: field(1, "ResourceSpans", "repeated") } },
    ResourceSpans: {
      fields: {
        resource: field(1, "Resource"),
        scopeSpans: field(2, "ScopeSpans", "repeated"),
        schemaUrl: field(3, "string"),
      },
    },
    Resource: { fields: { attributes: field(1, "KeyValue", "repeated") } },
    ScopeSpans: { fields: { scope: field(1, "Scope"), spans: field(2, "Span", "repeated") } },
    Scope: { fields: { name: field(1, "string") } },
    Span: {
      fields: {
        traceId: field(1, "bytes"),
        spanId: field(2, "bytes"),
        traceState: field(3, "string"),
        parentSpanId: field(4, "bytes"),
        name: field(5, "string"),
        kind: field(6, "int32"),
        startTimeUnixNano: field(7, "fixed64"),
        endTimeUnixNano: field(8, "fixed64"),
        attributes: field(9, "KeyValue", "repeated"),
        status: field(15, "Status"),
        flags: field(16, "fixed32"),
      },
    },
    Status: { fields: { message: field(2, "string"), code: field(3, "int32") } },
    KeyValue: { fields: { key: field(1, "string"), value: field(2, "AnyValue") } },
    AnyValue: {
      oneofs: { value: { oneof: ["stringValue", "boolValue", "intValue", "arrayValue", "bytesValue"] } },
      fields: {
        stringValue: field(1, "string"),
        boolValue: field(2, "bool"),
        intValue: field(3, "int64"),
        arrayValue: field(5, "ArrayValue"),
        bytesValue: field(7, "bytes"),
      },
    },
    ArrayValue: { fields: { values: field(1, "AnyValue", "repeated") } },
  },
}).lookupType("Request");

test("startReceiver() reads protobuf as it reads JSON, gzipped or not", async (t) => {
  const { url } = await receiver(t);
  const request = exportRequest("web", [
    span(1, 0, 10.001, {
      status: { code: 2, message: "no" },
      attributes: [
        { key: "n", value: { intValue: "-500" } },
        { key: "empty", value: { stringValue: "" } },
        { key: "off", value: { boolValue: false } },
        { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }] } } },
      ],
    }),
  ]);
  const fromJson = await receiver(t);
  await post(fromJson.url, request);
  const answer = await post(url, gzipSync(toProtobuf(request)), { ...PROTOBUF, "content-encoding": "gzip" });
  assert.deepEqual(answer, { status: 200, type: "application/x-protobuf", text: "" });
  const path = `/api/traces/${TRACE_ID}`;
  assert.deepEqual(await getJson(url + path), await getJson(fromJson.url + path));
});

test("startReceiver() says which spans it refused, and keeps the others", async (t) => {
  const { url, counts } = await receiver(t);
  const request = exportRequest("web", [span(1, 0, 1), span(0, 0, 1), span(2, 0, 1, { traceId: "xyz" })]);
  const partialSuccess = { rejectedSpans: 2, errorMessage: "spans without a valid traceId and spanId" };
  assert.deepEqual(JSON.parse((await post(url, request)).text), { partialSuccess });
  assert.equal((await counts()).spans, 1);
});

test("startReceiver() refuses malformed requests with a 4xx that says why, and loses nothing", async (t) => {
  const { url, counts } = await receiver(t, { maxBodyBytes: 100_000 });
  await post(url, exportRequest("web", [span(1, 0, 1)]));
  const good = toProtobuf(exportRequest("web", [span(2, 0, 1)]));
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const deep = `${'{"a":['.repeat(20_000)}${"]}".repeat(20_000)}`;
  const gzip = { "content-encoding": "gzip" };
  const cases: [what: string, status: number, body: string | Uint8Array, headers?: Record<string, string>][] =
    [
      ["cut JSON", 400, '{"resourceSpans":['],
      ["nothing", 400, ""],
      ["null", 400, "null"],
      ["a list", 400, "[]"],
      ["wrong types", 400, '{"resourceSpans":{}}'],
      [
        "wrong types deep inside",
        400,
        JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: ["x"] }] }] }),
      ],
      [
        "a name that is no text",
        400,
        JSON.stringify(exportRequest("web", [span(3, 0, 1, { name: 5 as never })])),
      ],
      [
        "a time that is none",
        400,
        JSON.stringify(exportRequest("web", [span(3, 0, 1, { startTimeUnixNano: "-1" })])),
      ],
      [
        "an id that is an object",
        400,
        JSON.stringify(exportRequest("web", [span(3, 0, 1, { traceId: {} as never })])),
      ],
      ["cut protobuf", 400, good.subarray(0, good.length - 7), PROTOBUF],
      ["protobuf of another kind", 400, Buffer.from("hello, world"), PROTOBUF],
      ["JSON as protobuf", 400, '{"resourceSpans":[]}', PROTOBUF],
      ["another type", 415, "hello", { "content-type": "text/plain" }],
      ["another encoding", 415, "hello", { "content-encoding": "br" }],
      ["gzip that is none", 400, "hello", gzip],
      ["a zip bomb", 413, bomb, gzip],
      ["a large body", 413, Buffer.alloc(50_000_000, 32)],
    ];
  for (const [what, status, body, headers] of cases) {
    const answer = await post(url, body, headers);
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
    assert.ok(answer.text.length > 20, `${what} is told: ${answer.text}`);
  }
  assert.ok(deep.length > 100_000);
  assert.equal((await post(url, deep)).status, 413);
  assert.equal((await counts()).spans, 1);
  assert.equal((await post(url, good, PROTOBUF)).status, 200);
  assert.equal((await counts()).spans, 2);
});

test("startReceiver() refuses more messages than a body has room for, however little they hold", async (t) => {
  const { url, counts } = await receiver(t, { maxBodyBytes: 100_000 });
  const empty = Buffer.alloc(40_000, Buffer.from([0x0a, 0x00]));
  const nested = Buffer.from([0x0a, 0x82, 0xb8, 0x02, ...Buffer.alloc(39_938, Buffer.from([0x12, 0x00]))]);
  const list = `{"resourceSpans":[${"{},".repeat(20_000)}{}]}`;
  for (const [body, type] of [
    [empty, PROTOBUF],
    [nested, PROTOBUF],
    [list, {}],
  ] as const) {
    const { status, text } = await post(url, body, type);
    assert.equal(status, 413, text);
    assert.match(text, /body holds more than 12500 messages/);
  }
  // As full as a body gets with short attributes.
  const attributes = Array.from({ length: 2_000 }, (_, i) => ({
    key: `a.b${i}`,
    value: { stringValue: "GET" },
  }));
  const full = exportRequest("web", [span(1, 0, 1, { attributes })]);
  assert.equal((await post(url, full)).status, 200);
  assert.equal((await post(url, toProtobuf(full), PROTOBUF)).status, 200);
  assert.equal((await counts()).spans, 1);
});

test("startReceiver() says where a request has another shape than OTLP's", async (t) => {
  const { url } = await receiver(t);
  const shapes = {
    "resourceSpans is not a list": { resourceSpans: {} },
    "resourceSpans[1] is not an object": { resourceSpans: [{}, 5] },
    "resourceSpans[0].resource.attributes[1].key is not text": {
      resourceSpans: [{ resource: { attributes: [{}, { key: 5 }] } }],
    },
    "resourceSpans[0].scopeSpans[0].spans[1].events[0].timeUnixNano is not a number of nanoseconds":
      exportRequest("web", [span(1, 0, 1), span(2, 0, 1, { events: [{ timeUnixNano: "x" }] })]),
    "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.arrayValue.values[0].stringValue is not text":
      exportRequest("web", [
        span(1, 0, 1, {
          attributes: [{ key: "a", value: { arrayValue: { values: [{ stringValue: 5 }] } } }],
        }),
      ]),
  };
  for (const [where, body] of Object.entries(shapes)) {
    const { status, text } = await post(url, body);
    assert.deepEqual([status, JSON.parse(text).message], [400, `body is no OTLP trace request: ${where}`]);
  }
});

test("startReceiver() refuses values nested without end, in JSON and in protobuf", async (t) => {
  const { url } = await receiver(t);
  let value: object = { stringValue: "x" };
  for (let i = 0; i < 30; i++) value = { arrayValue: { values: [value] } };
  const request = exportRequest("web", [span(1, 0, 1, { attributes: [{ key: "k", value }] })]);
  assert.equal((await post(url, request)).status, 400);
  assert.equal((await post(url, toProtobuf(request), PROTOBUF)).status, 400);
});

test("startReceiver() answers any bytes with 200 or 400 and stays up", async (t) => {
  const { url } = await receiver(t);
  const good = toProtobuf(exportRequest("web", [span(1, 0, 1)]));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }),
      async (changes) => {
        const bytes = Uint8Array.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const { status } = await post(url, bytes, PROTOBUF);
        assert.ok(status === 200 || status === 400, String(status));
      },
    ),
    { numRuns: 200 },
  );
});

test("startReceiver() holds a span once that was sent twice, and no trace that has no end", async (t) => {
  const { url, counts } = await receiver(t, { maxBytes: 8_388_608 });
  const request = exportRequest("web", [span(1, 0, 1)]);
  await post(url, request);
  await post(url, request);
  assert.equal((await counts()).spans, 1);
  const attributes = [{ key: "long", value: { stringValue: "x".repeat(1_000) } }];
  for (let i = 0; i < 15; i++) {
    const spans = Array.from({ length: 100 }, (_, j) => span(2 + i * 100 + j, 0, 1, { attributes }));
    await post(url, exportRequest("web", spans));
  }
  const { spans, dropped } = await counts();
  assert.ok(dropped > 100 && spans > 100 && spans + dropped === 1_501, JSON.stringify({ spans, dropped }));
});

test("GET /api/traces filters by service, route, error and duration, and refuses wrong filters", async (t) => {
  const { url } = await receiver(t);
  const one = (id: number, durationMs: number, more: Partial<JsonSpan>) =>
    span(id, id, durationMs, { traceId: id.toString(16).padStart(32, "0"), ...more });
  await post(
    url,
    exportRequest("web", [
      one(1, 5, { name: "GET /a" }),
      one(2, 50, { name: "GET /b", status: { code: 2 } }),
    ]),
  );
  await post(url, exportRequest("emoji", [one(3, 500, { name: "GET /a", status: { code: 2 } })]));
  const ids = async (query: string) =>
    (await getJson(`${url}/api/traces?${query}`)).traces.map(({ traceId }) => Number.parseInt(traceId, 16));
  assert.deepEqual(await ids(""), [3, 2, 1]);
  assert.deepEqual(await ids("service=web"), [2, 1]);
  assert.deepEqual(await ids("route=GET%20/a"), [3, 1]);
  assert.deepEqual(await ids("route=GET%20/a&error=true"), [3]);
  assert.deepEqual(await ids("service=web&error=true"), [2]);
  assert.deepEqual(await ids("minMs=50"), [3, 2]);
  assert.deepEqual(await ids("maxMs=50"), [2, 1]);
  assert.deepEqual(await ids("minMs=6&maxMs=499.9"), [2]);
  assert.deepEqual(await ids("limit=1"), [3]);
  for (const query of ["minMs=x", "maxMs=-1", "limit=0", "limit=1001", "error=maybe"]) {
    assert.equal((await fetch(`${url}/api/traces?${query}`)).status, 400, query);
  }
  assert.equal((await fetch(`${url}/api/traces/00000000000000000000000000000009`)).status, 404);
  assert.equal((await fetch(`${url}/api/nothing`)).status, 404);
  assert.equal((await fetch(`${url}/v1/traces`)).status, 405);
});

test("startReceiver() on loopback answers only to names of this machine", async (t) => {
  const { port } = await receiver(t);
  const ask = (host: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(`GET /api/counts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      });
      let text = "";
      socket.on("data", (chunk) => (text += chunk));
      socket.on("end", () => resolve(text.slice(0, 12)));
      socket.on("error", reject);
    });
  assert.equal(await ask(`localhost:${port}`), "HTTP/1.1 200");
  assert.equal(await ask(`[::1]:${port}`), "HTTP/1.1 200");
  assert.equal(await ask("rebound.example"), "HTTP/1.1 403");
  assert.equal(await ask("127.0.0.1.rebound.example"), "HTTP/1.1 403");
});

test("startReceiver() refuses wrong options and a taken port", async (t) => {
  await assert.rejects(
    startReceiver({ port: -1 }),
    /startReceiver: option "port" is -1, want a whole number from 0/,
  );
  await assert.rejects(startReceiver({ maxBytes: 5 }), /option "maxBytes" is 5/);
  await assert.rejects(startReceiver({ host: "" }), /option "host" is "", want a host name/);
  await assert.rejects(startReceiver({ ports: 1 } as never), /option "ports" is unknown/);
  const { port } = await receiver(t);
  await assert.rejects(startReceiver({ port }), /EADDRINUSE/);
});

test("decodeRequest() throws for bytes that are no message", () => {
  assert.throws(() => decodeRequest("traces", Buffer.from([0xff]), 10));
});
