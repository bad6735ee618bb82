import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";

type Line = Record<string, unknown> & { err?: { type: string; message: string } };

const { NODE_ENV: _, NODE_TEST_CONTEXT: _context, ...ENV } = process.env;

/** What a program of `test/coming-over` prints: before is without Whodunit, after what the pages docs/coming-from-*.md make of it. */
function printed(name: string, env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@whodunit/source", `${ROOT}test/coming-over/${name}.mjs`],
    { env: { ...ENV, OTEL_TRACES_EXPORTER: "none", ...env }, encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

const linesOf = (text: string): Line[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);

test("from pino: the same calls give a line each, with text, fields, error and child's fields; what was to be redacted is", () => {
  const before = linesOf(printed("pino.before"));
  const after = linesOf(printed("pino.after"));
  assert.deepEqual(
    before.map(({ msg }) => msg),
    ["found user 7", "slow answer", "db gone", "order failed"],
  );
  assert.deepEqual(
    after.map(({ level, text, err }) => [level, text ?? err?.message]),
    [
      ["debug", "found user 7"],
      ["error", "slow answer"],
      ["error", "db gone"],
      ["error", "order failed"],
    ],
  );
  assert.deepEqual([before[0]?.password, after[0]?.password], ["[Redacted]", "[Redacted]"]);
  assert.deepEqual(
    [after[0]?.id, after[1]?.host, after[3]?.job, after[3]?.err?.type],
    [7, "db-1", 3, "RangeError"],
  );
});

test("from pino-http: one line a request with its method and status, and the handler's line has the request's id", () => {
  const before = linesOf(printed("pino-http.before"));
  assert.deepEqual(
    before.map(({ msg }) => msg),
    ["found", "request completed"],
  );
  const [found, response] = linesOf(printed("pino-http.after"));
  assert.deepEqual(
    [found?.text, response?.msg, response?.method, response?.status],
    ["found", "web-http-response", "GET", 200],
  );
  assert.equal(found?.RequestID, response?.RequestID);
});

test("from winston: the helper of docs/coming-from-winston.md gives each call a line with its name or text and its fields, and hides a secret", () => {
  const before = linesOf(printed("winston.before"));
  assert.deepEqual(
    before.map(({ message }) => message),
    ["listening", "slow answer", "order failed"],
  );
  assert.equal(before[2]?.password, "hunter2");
  const after = linesOf(printed("winston.after"));
  assert.deepEqual(
    after.map(({ text, msg }) => text ?? msg),
    ["web-listening", "slow answer", "order failed"],
  );
  assert.deepEqual(
    [after[0]?.port, after[1]?.host, after[2]?.orderId, after[2]?.password],
    [8080, "db-1", 3, "[Redacted]"],
  );
});

test("from morgan: one line a request, with its route in place of its address", () => {
  assert.match(printed("morgan.before"), /^GET \/users\/7 200 /m);
  const [line] = linesOf(printed("morgan.after"));
  assert.deepEqual(
    [line?.msg, line?.method, line?.route, line?.status],
    ["web-http-response", "GET", "/users/:id", 200],
  );
});

test("from console: console.error gives a line with the text and the error, without the address", () => {
  assert.match(printed("console.before"), /order 3 failed RangeError: no stock for ada@example\.org/);
  const text = printed("console.after");
  const [line] = linesOf(text);
  assert.deepEqual([line?.level, line?.text, line?.err?.type], ["error", "order 3 failed", "RangeError"]);
  assert.doesNotMatch(text, /ada@example/);
});

test("from terminus: a check that throws makes 503 of 200", () => {
  assert.deepEqual(JSON.parse(printed("terminus.before")), [200, 503]);
  assert.deepEqual(JSON.parse(printed("terminus.after")), [200, 503]);
});

test("from lightship: not ready before signalReady(), ready after it", () => {
  assert.deepEqual(JSON.parse(printed("lightship.before").trim().split("\n").at(-1)!), [500, 200]);
  assert.deepEqual(JSON.parse(printed("lightship.after")), [503, 200]);
});

test("from opentracing and jaeger-client: the global tracer goes on in the caller's trace, and both headers go out", () => {
  const TRACE_ID = "af7651916cd43dd8448eb211c80319cf";
  const before = JSON.parse(printed("jaeger.before"));
  assert.match(before["uber-trace-id"], new RegExp(`^${TRACE_ID}:`));
  const after = JSON.parse(printed("jaeger.after", { OTEL_PROPAGATORS: "tracecontext,baggage,jaeger" }));
  assert.match(after["uber-trace-id"], new RegExp(`^${TRACE_ID}:[0-9a-f]{16}:`));
  assert.match(after.traceparent, new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
});

test("from NodeSDK: spans of one's own go on in the caller's trace, both sides of HTTP have theirs without a patch, and the server's has its route", () => {
  const TRACE_ID = "af7651916cd43dd8448eb211c80319cf";
  const [INTERNAL, SERVER, CLIENT] = [0, 1, 2];
  const outcome = (name: string): Outcome => JSON.parse(printed(name).trim().split("\n").at(-1)!);
  interface Outcome {
    readonly sent: string;
    readonly spans: readonly { readonly name: string; readonly kind: number }[];
    readonly routes?: readonly object[];
  }
  const [before, after] = [outcome("nodesdk.before"), outcome("nodesdk.after")];
  for (const { sent, spans } of [before, after]) {
    assert.match(sent, new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
    for (const span of [
      { name: "load-orders", kind: INTERNAL },
      { name: "GET", kind: CLIENT },
    ])
      assert.ok(
        spans.some(({ name, kind }) => name === span.name && kind === span.kind),
        `${span.name} is there`,
      );
  }
  const serverSpans = ({ spans }: Outcome): string[] =>
    spans.flatMap(({ name, kind }) => (kind === SERVER ? [name] : []));
  // The instrumentation sees the called service too, which runs in the same process.
  assert.deepEqual(serverSpans(before), ["GET", "GET"]);
  assert.deepEqual(serverSpans(after), ["GET /users/:id"]);
  assert.deepEqual(after.routes?.[0], { side: "server", route: "GET /users/:id", count: 1 });
});
