import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Span as OtelSpan, trace } from "@opentelemetry/api";
import { until } from "../../../../test/helpers/until.ts";
import { retryWaitMs } from "../../src/export/exporter.ts";
import { rejectedSpans } from "../../src/export/send.ts";
import { type SpanAccounts, startTracing, type Tracing, withSpan } from "../../src/index.ts";
import { decodeRequest } from "../helpers/otlp.ts";
import { type Receiver, startReceiver } from "../helpers/receiver.ts";
import { closeWithin } from "../helpers/tracing.ts";

const BURST = 10_000;

async function startAt(t: TestContext, url: string, env: Record<string, string> = {}): Promise<Tracing> {
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: "50", ...env };
  Object.assign(process.env, settings);
  t.after(() => {
    for (const name of Object.keys(settings)) delete process.env[name];
  });
  const tracing = startTracing({ service: "web" });
  t.after(() => tracing.close());
  return tracing;
}

function burst(count: number): void {
  for (let i = 0; i < count; i++)
    withSpan("work", { tags: { i, text: "some text of usual length" } }, () => {});
}

function assertBalanced(accounts: SpanAccounts): void {
  const { ended, exported, unsampled, pending, dropped } = accounts;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(ended, exported + unsampled + pending + lost, JSON.stringify(accounts));
}

const idsOf = (receiver: Receiver): number => new Set(receiver.spans.map((span) => span.spanId)).size;

async function closeInTime(tracing: Tracing): Promise<SpanAccounts> {
  const accounts = await closeWithin(3_000, tracing);
  assertBalanced(accounts);
  assert.equal(accounts.pending, 0);
  return accounts;
}

/** Closes when every span is settled: close() leaves what a machine under load has not delivered within its time. */
async function closeSettled(tracing: Tracing): Promise<SpanAccounts> {
  await tracing.flush();
  return closeInTime(tracing);
}

test("a burst into a receiver that answers only when all has come loses nothing", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const over = Promise.withResolvers<void>();
  receiver.answer = async (_request, response) => {
    await over.promise;
    response.end();
    return true;
  };
  const tracing = await startAt(t, receiver.url);
  burst(BURST);
  assertBalanced(tracing.spans());
  const flushed = tracing.flush();
  assert.equal(tracing.spans().exported, 0);
  over.resolve();
  await flushed;
  assert.equal(tracing.spans().exported, BURST, "flush() waits for what is in flight");
  assert.equal(idsOf(receiver), BURST);
  const accounts = await closeSettled(tracing);
  assert.deepEqual([accounts.ended, accounts.exported], [BURST, BURST]);
});

test("a receiver that refuses has its spans counted as rejected, and none exported", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer = (_request, response) => {
    response.statusCode = 400;
    response.end();
    return false;
  };
  const tracing = await startAt(t, receiver.url);
  burst(BURST);
  const accounts = await closeSettled(tracing);
  assert.equal(accounts.exported, 0);
  assert.equal(accounts.dropped.rejected, BURST);
});

test("a receiver that hangs costs 3 s at the end and every span is counted", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer = () => false;
  const tracing = await startAt(t, receiver.url);
  burst(BURST);
  const accounts = await closeInTime(tracing);
  assert.equal(accounts.exported, 0);
  assert.equal(accounts.dropped.closed, BURST);
});

test("a receiver that restarts gets what waited: nothing is lost", async (t) => {
  const first = await startReceiver();
  const tracing = await startAt(t, first.url);
  burst(100);
  await tracing.flush();
  await first.close();
  let refused = 0;
  const down = createTcpServer((socket) => {
    refused++;
    socket.destroy();
  });
  down.listen(first.port, "127.0.0.1");
  await once(down, "listening");
  burst(BURST);
  await until(() => refused > 0);
  down.close();
  await once(down, "close");
  const second = await startReceiver(first.port);
  t.after(() => second.close());
  await tracing.flush();
  assert.equal(idsOf(first) + idsOf(second), BURST + 100);
  const accounts = await closeSettled(tracing);
  assert.equal(accounts.exported, BURST + 100);
});

test("a receiver that dies with batches in its hands gets them again, and each span is exported once", async (t) => {
  const first = await startReceiver();
  let asked = 0;
  first.answer = (request, response) => {
    // It has kept the first batches and goes down before it says so; of the others it never hears.
    if (++asked <= 2) request.socket.destroy();
    else response.end();
    return asked <= 2;
  };
  const tracing = await startAt(t, first.url);
  burst(BURST);
  await until(() => asked >= 2);
  await first.close();
  assertBalanced(tracing.spans());
  const second = await startReceiver(first.port);
  t.after(() => second.close());
  const accounts = await closeSettled(tracing);
  const ids = new Set([...first.spans, ...second.spans].map((span) => span.spanId));
  assert.deepEqual([accounts.exported, ids.size], [BURST, BURST]);
});

test("an answer that asks to wait (503, Retry-After) is tried again", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  let asked = 0;
  receiver.answer = (_request, response) => {
    asked++;
    if (asked === 1) response.writeHead(503, { "retry-after": "0" });
    response.end();
    return asked > 1;
  };
  const tracing = await startAt(t, receiver.url);
  burst(10);
  await tracing.flush();
  assert.equal(asked, 2);
  assert.equal(tracing.spans().exported, 10);
  assert.equal(idsOf(receiver), 10);
});

test("retryWaitMs() never comes back earlier than asked, and doubles where nobody asks", (t) => {
  for (const random of [0, 0.5, 0.999]) {
    t.mock.method(Math, "random", () => random);
    for (const askedMs of [0, 1_000, 14_000, 3_600_000]) {
      const waitMs = retryWaitMs(askedMs, 1);
      assert.ok(waitMs >= askedMs && waitMs <= askedMs * 1.5, `${waitMs} of ${askedMs}`);
    }
    assert.ok(retryWaitMs(1e12, 1) <= 2_147_483_647, "as long as a timer can wait");
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => retryWaitMs(undefined, attempt) / (0.5 + random));
    assert.deepEqual(waits.map(Math.round), [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  }
});

test("partial success is believed: rejected spans are not exported", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer = (_request, response) => {
    response.setHeader("content-type", "application/x-protobuf");
    // ExportTraceServiceResponse{partial_success{rejected_spans: 3, error_message: "no"}}
    response.end(Buffer.from([0x0a, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f]));
    return true;
  };
  const tracing = await startAt(t, receiver.url);
  burst(10);
  const accounts = await closeSettled(tracing);
  assert.deepEqual([accounts.exported, accounts.dropped.rejected], [7, 3]);
});

test("whatever a receiver does, exported are exactly the spans it said it took", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const taken = new Set<string>();
  let turn = 0;
  const answers: Receiver["answer"][] = [
    (_request, response, body) => {
      for (const { spanId } of decodeRequest(body)) taken.add(spanId);
      response.end();
      return true;
    },
    (_request, response) => {
      response.writeHead(503, { "retry-after": "0" }).end();
      return false;
    },
    (request) => {
      request.socket.destroy();
      return false;
    },
    (_request, response) => {
      response.writeHead(413).end();
      return false;
    },
    (_request, response) => {
      response.writeHead(429).end("slow down");
      return false;
    },
    // An answer that begins and breaks off is none.
    (_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("x");
      setImmediate(() => response.destroy());
      return false;
    },
  ];
  receiver.answer = (...request) => (answers[turn++ % answers.length] as Receiver["answer"])(...request);
  const tracing = await startAt(t, receiver.url, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "100" });
  for (let i = 0; i < 30; i++) {
    burst(100);
    assertBalanced(tracing.spans());
    await new Promise((resolve) => setImmediate(resolve));
  }
  const accounts = await closeSettled(tracing);
  assert.equal(accounts.ended, 3_000);
  assert.equal(accounts.exported, taken.size);
  assert.ok(accounts.exported > 0 && accounts.dropped.rejected > 0, JSON.stringify(accounts));
});

test("rejectedSpans() reads both encodings, and junk as none", () => {
  const json = (value: unknown) => rejectedSpans("application/json", Buffer.from(JSON.stringify(value)));
  assert.equal(json({ partialSuccess: { rejectedSpans: "12" } }), 12);
  assert.equal(json({}), 0);
  assert.equal(json(null), 0);
  assert.equal(json({ partialSuccess: { rejectedSpans: -4 } }), 0);
  const protobuf = (...bytes: number[]) => rejectedSpans("application/x-protobuf", Buffer.from(bytes));
  assert.equal(protobuf(0x0a, 0x03, 0x08, 0xac, 0x02), 300);
  // A message of 200 bytes more: the length takes two bytes.
  assert.equal(protobuf(0x0a, 0xcd, 0x01, 0x08, 0x02, 0x12, 0xc8, 0x01, ...Array(200).fill(0x65)), 2);
  assert.equal(protobuf(0x0a, 0xff, 0xff), 0);
  assert.equal(protobuf(), 0);
  assert.equal(protobuf(0x0a, 0x02, 0x08), 0);
});

test("what waits over the byte budget is dropped and counted, the rest delivered", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const release = Promise.withResolvers<void>();
  receiver.answer = async (_request, response) => {
    await release.promise;
    response.end();
    return true;
  };
  const tracing = await startAt(t, receiver.url);
  const large = "x".repeat(8_000);
  for (let i = 0; i < 4_000; i++) withSpan("large", { tags: { large } }, () => {});
  const full = tracing.spans();
  assertBalanced(full);
  assert.ok(full.dropped["queue-full"] > 1_000, JSON.stringify(full));
  assert.ok(full.pending > 1_500, "16 MB hold two thousand spans of 8 KB");
  release.resolve();
  const accounts = await closeSettled(tracing);
  assert.equal(accounts.exported, idsOf(receiver));
  assert.equal(accounts.exported, full.pending);
});

test("a span larger than a batch is dropped alone", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const tracing = await startAt(t, receiver.url);
  const tags = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, "é".repeat(8_000)]));
  burst(5);
  withSpan("too large", { tags }, () => {});
  burst(5);
  const accounts = await closeSettled(tracing);
  assert.deepEqual([accounts.exported, accounts.dropped["too-large"]], [10, 1]);
  assert.equal(idsOf(receiver), 10);
});

/** What a program may do to a span that no receiver could read. */
const BAD_SPANS: Readonly<Record<string, (span: OtelSpan) => unknown>> = {
  "a link without a context": (span) => span.addLink({ context: undefined } as never),
  "a link whose ids are too short": (span) =>
    span.addLink({ context: { traceId: "abc", spanId: "123", traceFlags: 1 } }),
  "a name that is none": (span) => span.updateName(undefined as never),
  "a trace state that throws": (span) => {
    const traceState = { serialize: () => assert.fail("the service's own") } as never;
    return span.addLink({ context: { ...span.spanContext(), traceState } });
  },
};

for (const [name, spoil] of Object.entries(BAD_SPANS)) {
  test(`${name} costs its span at most: the batch can be read`, async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const tracing = await startAt(t, receiver.url);
    burst(2);
    // Of a scope of its own: the next span has to open its own again.
    const bad = trace.getTracer("bad").startSpan(42 as never);
    spoil(bad);
    bad.end();
    burst(2);
    const accounts = await closeSettled(tracing);
    assert.equal(accounts.exported, receiver.spans.length);
    assert.equal(receiver.spans.filter((span) => span.name === "work").length, 4);
    assert.equal(accounts.dropped.unreadable, 5 - accounts.exported);
    for (const { links } of receiver.spans) assert.deepEqual(links, []);
  });
}

test("OTEL_EXPORTER_OTLP_*: headers, gzip, the traces endpoint; what cannot be honoured throws", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const seen: { url: string | undefined; key: unknown; encoding: unknown }[] = [];
  receiver.answer = (request, response, body) => {
    seen.push({
      url: request.url,
      key: request.headers["x-key"],
      encoding: request.headers["content-encoding"],
    });
    assert.ok(gunzipSync(body).length > 100);
    response.end();
    return false;
  };
  const tracing = await startAt(t, "http://127.0.0.1:1", {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/custom`,
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b, x-other=c",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  });
  burst(1);
  await closeSettled(tracing);
  assert.deepEqual(seen, [{ url: "/custom", key: "a b", encoding: "gzip" }]);

  const refused: [string, string, RegExp][] = [
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "http", /OTEL_EXPORTER_OTLP_PROTOCOL is "http", want "http\/protobuf"/],
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318", /want an http or https URL/],
    ["OTEL_EXPORTER_OTLP_COMPRESSION", "br", /want "none" or "gzip"/],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "soon", /OTEL_EXPORTER_OTLP_TIMEOUT is "soon", want a whole number/],
    ["OTEL_EXPORTER_OTLP_HEADERS", "=secret", /has an entry without a name/],
    ["OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file", /want a file that can be read/],
    ["OTEL_SPAN_EVENT_COUNT_LIMIT", "-1", /want a whole number from 0/],
    ["OTEL_LOG_LEVEL", "loud", /OTEL_LOG_LEVEL is "loud"/],
  ];
  for (const [name, value, message] of refused) {
    process.env[name] = value;
    assert.throws(() => startTracing({ service: "web" }), message);
    delete process.env[name];
  }
});

const CHILD = fileURLToPath(new URL("../helpers/ending-child.ts", import.meta.url));

async function runChild(
  receiver: Receiver,
  how: string,
): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", CHILD, how], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "60000" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout.once("data", () => {
    if (how === "sigterm") child.kill("SIGTERM");
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, stderr };
}

test("a natural end and SIGTERM deliver what waits; the exit code stays what it was", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const natural = await runChild(receiver, "natural");
  assert.equal(natural.code, 0, natural.stderr);
  assert.equal(receiver.spans.length, 100);
  const terminated = await runChild(receiver, "sigterm");
  assert.equal(terminated.signal, "SIGTERM", "dies of the signal, as without tracing");
  await until(() => receiver.spans.length === 200);
});

test("a natural end does not wait for ever for a receiver that hangs", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer = () => false;
  const { code, stderr } = await runChild(receiver, "natural");
  assert.equal(code, 0);
  assert.match(stderr, /"msg":"web-tracing-spans_lost","service":"web","count":100,"exitCode":0/);
});

test("SIGTERM before a receiver that hangs ends the process, and says how many were lost", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer = () => false;
  const { signal, stderr } = await runChild(receiver, "sigterm");
  assert.equal(signal, "SIGTERM");
  assert.match(
    stderr,
    /"msg":"web-tracing-spans_dropped".*"closed":100|"msg":"web-tracing-spans_lost".*"count":100/,
  );
});

test("a crash says in one line how many spans were lost", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const { code, stderr } = await runChild(receiver, "crash");
  assert.equal(code, 1);
  const line = stderr.split("\n").find((one) => one.includes("spans_lost")) ?? "{}";
  const { level, msg, count, exitCode } = JSON.parse(line);
  assert.deepEqual(
    { level, msg, count, exitCode },
    { level: "error", msg: "web-tracing-spans_lost", count: 100, exitCode: 1 },
  );
});
