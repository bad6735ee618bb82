import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { until } from "../../../../test/helpers/until.ts";
import { injectMessage, type SpanAccounts, startTracing, withSpan } from "../../src/index.ts";
import { checkVariables, HONOURED } from "../../src/start/variables.ts";
import { decodeRequest, type ReceivedSpan } from "../helpers/otlp.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { selfSigned } from "../helpers/self-signed.ts";

type Variables = Readonly<Record<string, string>>;

function setVariables(t: TestContext, variables: Variables): void {
  Object.assign(process.env, variables);
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}

interface Run {
  readonly spans: readonly ReceivedSpan[];
  readonly accounts: SpanAccounts;
  readonly requests: readonly { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[];
}

/** Starts tracing with these variables, runs `work`, and tells what became of the spans. */
async function run(t: TestContext, variables: Variables, work: () => void): Promise<Run> {
  const receiver = await startReceiver();
  const requests: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const spans: ReceivedSpan[] = [];
  receiver.answer = (request, response, body) => {
    requests.push({ url: request.url, headers: request.headers });
    spans.push(...decodeRequest(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
    response.end();
    return false;
  };
  const own = { OTEL_SERVICE_NAME: "web", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const given = Object.entries(variables).map(([name, value]) => [
    name,
    value.replace("RECEIVER", receiver.url),
  ]);
  setVariables(t, { ...own, ...Object.fromEntries(given) });
  const tracing = startTracing();
  try {
    work();
  } finally {
    await tracing.flush();
    await tracing.close();
    await receiver.close();
  }
  return { spans, accounts: tracing.spans(), requests };
}

const one = (): void => withSpan("one", () => {});

/** One span with much of everything. */
function large(): void {
  const attributes = { a: "x".repeat(50), b: 1, c: 2 };
  const link = { context: { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 }, attributes };
  withSpan("large", ({ otel }) => {
    otel.setAttributes(attributes);
    for (let i = 0; i < 3; i++) otel.addEvent("event", attributes).addLink(link);
  });
}

const sizes = ({ spans: [span] }: Run): object => ({
  attributes: Object.keys(span?.attributes ?? {}).length,
  length: String(span?.attributes.a).length,
  events: span?.events.length,
  eventAttributes: Object.keys(span?.events[0]?.attributes ?? {}).length,
  links: span?.links.length,
  linkAttributes: Object.keys(span?.links[0]?.attributes ?? {}).length,
});
const ALL = { attributes: 3, length: 50, events: 3, eventAttributes: 3, links: 3, linkAttributes: 3 };

/** Each honoured variable with what shows that it is. */
const SHOWN: Record<string, (t: TestContext) => Promise<void>> = {
  OTEL_SERVICE_NAME: async (t) => {
    const { spans } = await run(
      t,
      { OTEL_SERVICE_NAME: "shop", OTEL_RESOURCE_ATTRIBUTES: "service.name=x" },
      one,
    );
    assert.equal(spans[0]?.resource["service.name"], "shop");
  },
  OTEL_RESOURCE_ATTRIBUTES: async (t) => {
    const { spans } = await run(t, { OTEL_RESOURCE_ATTRIBUTES: "team=a%20b,, service.version=9," }, one);
    assert.equal(spans[0]?.resource.team, "a b");
    assert.equal(spans[0]?.resource["service.version"], "9");
  },
  OTEL_NODE_RESOURCE_DETECTORS: async (t) => {
    const names = ["host.name", "os.type", "process.pid", "process.command_args", "process.owner"];
    const found = async (value: string): Promise<string[]> => {
      const { spans } = await run(t, { OTEL_NODE_RESOURCE_DETECTORS: value }, one);
      return names.filter((name) => spans[0]?.resource[name] !== undefined);
    };
    assert.deepEqual(await found(""), ["host.name", "process.pid"]);
    assert.deepEqual(await found("env, os"), ["os.type"]);
    assert.deepEqual(await found("all"), ["host.name", "os.type", "process.pid"]);
    assert.deepEqual(await found("none"), []);
  },
  OTEL_PROPAGATORS: async (t) => {
    await run(t, { OTEL_PROPAGATORS: "B3, jaeger,b3" }, () =>
      withSpan("send", () => assert.deepEqual(Object.keys(injectMessage({})), ["b3", "uber-trace-id"])),
    );
    await run(t, { OTEL_PROPAGATORS: "none" }, () =>
      withSpan("send", () => assert.deepEqual(injectMessage({}), {})),
    );
  },
  OTEL_TRACES_SAMPLER: async (t) => {
    const exported = async (sampler: string, traceFlags: number): Promise<number> => {
      const parent = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags, isRemote: true };
      const { accounts } = await run(t, { OTEL_TRACES_SAMPLER: sampler }, () =>
        context.with(trace.setSpanContext(ROOT_CONTEXT, parent), one),
      );
      assert.equal(accounts.exported + accounts.unsampled, 1);
      return accounts.exported;
    };
    assert.equal(await exported("always_on", 0), 1);
    assert.equal(await exported("ALWAYS_OFF", 1), 0);
    assert.equal(await exported("parentbased_always_on", 0), 0);
    assert.equal(await exported("parentbased_always_off", 1), 1);
  },
  OTEL_TRACES_SAMPLER_ARG: async (t) => {
    const settings = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" };
    const { accounts } = await run(t, settings, () => {
      for (let i = 0; i < 2_000; i++) one();
    });
    assert.ok(accounts.exported > 350 && accounts.exported < 650, `${accounts.exported} of 2,000`);
    const alone = await run(t, { OTEL_TRACES_SAMPLER: "", OTEL_TRACES_SAMPLER_ARG: "0" }, one);
    assert.equal(alone.accounts.exported, 1, "it counts only with a sampler");
  },
  OTEL_TRACES_EXPORTER: async (t) => {
    const sent: unknown[] = [];
    const { accounts, requests } = await run(t, { OTEL_TRACES_EXPORTER: "none" }, () =>
      withSpan("send", () => sent.push(injectMessage({}))),
    );
    assert.equal(requests.length, 0);
    assert.deepEqual([accounts.ended, accounts.unsampled], [1, 1]);
    assert.match(
      JSON.stringify(sent),
      /"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-01"/,
      "the trace goes on",
    );
    assert.equal((await run(t, { OTEL_TRACES_EXPORTER: "otlp" }, one)).accounts.exported, 1);
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: async (t) => {
    const { requests } = await run(t, { OTEL_EXPORTER_OTLP_ENDPOINT: "RECEIVER/base/" }, one);
    assert.equal(requests[0]?.url, "/base/v1/traces");
  },
  OTEL_EXPORTER_OTLP_HEADERS: async (t) => {
    const { requests } = await run(t, { OTEL_EXPORTER_OTLP_HEADERS: "X-Key=a%20b, x-other=100%" }, one);
    assert.equal(requests[0]?.headers["x-key"], "a b");
    assert.equal(requests[0]?.headers["x-other"], "100%");
  },
  OTEL_EXPORTER_OTLP_COMPRESSION: async (t) => {
    const { requests } = await run(t, { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" }, one);
    assert.equal(requests[0]?.headers["content-encoding"], "gzip");
    const traces = { OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "none" };
    assert.equal((await run(t, traces, one)).requests[0]?.headers["content-encoding"], undefined);
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: async (t) => {
    const settings = {
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_INSECURE: "true",
    };
    assert.equal((await run(t, settings, one)).accounts.exported, 1, "what is said of traces wins");
  },
  OTEL_BSP_MAX_QUEUE_SIZE: async (t) => {
    const settings = { OTEL_BSP_MAX_QUEUE_SIZE: "10", OTEL_BSP_SCHEDULE_DELAY: "60000" };
    const { accounts } = await run(t, settings, () => {
      for (let i = 0; i < 25; i++) one();
    });
    assert.deepEqual([accounts.exported, accounts.dropped["queue-full"]], [10, 15]);
  },
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: async (t) => {
    const { requests } = await run(t, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "2" }, () => {
      for (let i = 0; i < 6; i++) one();
    });
    assert.equal(requests.length, 3);
  },
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: async (t) => {
    const settings = { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "2", OTEL_ATTRIBUTE_COUNT_LIMIT: "1" };
    assert.deepEqual(sizes(await run(t, settings, large)), {
      ...ALL,
      attributes: 2,
      eventAttributes: 1,
      linkAttributes: 1,
    });
  },
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: async (t) => {
    const settings = { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "20" };
    assert.deepEqual(sizes(await run(t, settings, large)), { ...ALL, length: 20 });
    const general = { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "10" };
    assert.deepEqual(sizes(await run(t, general, large)), { ...ALL, length: 10 });
  },
  OTEL_SPAN_EVENT_COUNT_LIMIT: async (t) => {
    assert.deepEqual(sizes(await run(t, { OTEL_SPAN_EVENT_COUNT_LIMIT: "2" }, large)), { ...ALL, events: 2 });
  },
  OTEL_SPAN_LINK_COUNT_LIMIT: async (t) => {
    assert.deepEqual(sizes(await run(t, { OTEL_SPAN_LINK_COUNT_LIMIT: "1" }, large)), { ...ALL, links: 1 });
  },
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: async (t) => {
    const settings = { OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "1", OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "2" };
    assert.deepEqual(sizes(await run(t, settings, large)), { ...ALL, eventAttributes: 1, linkAttributes: 2 });
  },
};

for (const [name, show] of Object.entries(SHOWN)) test(`${name} is honoured`, show);

test("OTEL_EXPORTER_OTLP_TIMEOUT and OTEL_BSP_SCHEDULE_DELAY are honoured: a hanging attempt ends, a span goes in time", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  let asked = 0;
  receiver.answer = (_request, response) => {
    asked++;
    if (asked > 1) response.end();
    return asked > 1;
  };
  setVariables(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: "100",
    OTEL_BSP_SCHEDULE_DELAY: "10",
  });
  const tracing = startTracing({ service: "web" });
  t.after(() => tracing.close());
  one();
  await until(() => tracing.spans().exported === 1);
  assert.ok(asked >= 2);
});

test("OTEL_BSP_EXPORT_TIMEOUT is honoured: the attempts together take no longer", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer = () => false;
  setVariables(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_EXPORT_TIMEOUT: "200" });
  const tracing = startTracing({ service: "web" });
  t.after(() => tracing.close());
  one();
  await tracing.flush();
  assert.equal(tracing.spans().dropped.unreachable, 1, "one request would have waited for 10 s");
});

test("OTEL_EXPORTER_OTLP_CERTIFICATE, CLIENT_KEY and CLIENT_CERTIFICATE are honoured: both sides know each other", async (t) => {
  const [own, client] = [await selfSigned(t), await selfSigned(t)];
  if (own === undefined || client === undefined) return t.skip("no openssl here");
  const received: ReceivedSpan[] = [];
  const tls = { key: own.key, cert: own.cert, ca: client.cert, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push(...decodeRequest(Buffer.concat(chunks)));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  setVariables(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_CERTIFICATE: own.certFile,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyFile,
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: client.certFile,
  });
  const tracing = startTracing({ service: "web" });
  t.after(() => tracing.close());
  one();
  await tracing.flush();
  assert.equal(tracing.spans().exported, 1);
  assert.equal(received[0]?.name, "one");
});

for (const [value, wanted] of [
  ["otlp", ["/v1/metrics", "/v1/traces"]],
  ["", ["/v1/traces"]],
] as const) {
  test(`OTEL_METRICS_EXPORTER ${JSON.stringify(value)} sends to ${wanted.join(" and ")}`, async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const asked = new Map<string, string>();
    receiver.answer = (request, response, body) => {
      asked.set(String(request.url), body.toString("latin1"));
      response.end();
      return false;
    };
    setVariables(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRICS_EXPORTER: value });
    const tracing = startTracing({ service: "web" });
    await (await fetch(`${receiver.url}/call`)).arrayBuffer();
    await tracing.close();
    asked.delete("/call");
    assert.deepEqual([...asked.keys()].sort(), wanted);
    if (value === "otlp") assert.match(asked.get("/v1/metrics") ?? "", /http\.client\.request\.duration/);
  });
}

// The value, and what the error says of it.
const REFUSED: [string, string, RegExp][] = [
  ["OTEL_SDK_DISABLED", "1", /OTEL_SDK_DISABLED is "1", want "true" or "false"/],
  ["OTEL_RESOURCE_ATTRIBUTES", "team", /OTEL_RESOURCE_ATTRIBUTES is "team", want "name=value,name=value"/],
  ["OTEL_NODE_RESOURCE_DETECTORS", "env,aws", /is "env,aws", want a list of host, os, process/],
  ["OTEL_LOG_LEVEL", "loud", /OTEL_LOG_LEVEL is "loud", want "none" or/],
  [
    "OTEL_PROPAGATORS",
    "tracecontext,xray",
    /is "tracecontext,xray", want a list of tracecontext, baggage, b3/,
  ],
  ["OTEL_TRACES_SAMPLER", "jaeger_remote", /is "jaeger_remote", want "always_on" or/],
  [
    "OTEL_TRACES_EXPORTER",
    "jaeger",
    /OTEL_TRACES_EXPORTER is "jaeger", want a list of otlp, console, zipkin/,
  ],
  ["OTEL_TRACES_EXPORTER", "otlp,none", /OTEL_TRACES_EXPORTER is "otlp,none", want "none" alone/],
  [
    "OTEL_METRICS_EXPORTER",
    "otlp,statsd",
    /is "otlp,statsd", want a list of otlp, prometheus, console, none/,
  ],
  ["OTEL_LOGS_EXPORTER", "file", /OTEL_LOGS_EXPORTER is "file", want a list of otlp, console, none/],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", /is "collector:4318", want an http or https URL/],
  ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://u:s3cret@c/", /is "ftp:\/\/\[Redacted\]@c\/", want an http/],
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "http", /OTEL_EXPORTER_OTLP_PROTOCOL is "http", want "http\/protobuf" or/],
  ["OTEL_EXPORTER_OTLP_COMPRESSION", "br", /want "none" or "gzip"/],
  ["OTEL_EXPORTER_OTLP_TIMEOUT", "soon", /OTEL_EXPORTER_OTLP_TIMEOUT is "soon", want a whole number from 1/],
  ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "-1", /OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is "-1"/],
  ["OTEL_EXPORTER_OTLP_HEADERS", "s3cret", /OTEL_EXPORTER_OTLP_HEADERS has an entry without a name/],
  ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "k=s3cret%0d%0a", /has a value for k that no header can hold/],
  ["OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file", /want a file that can be read/],
  ["OTEL_EXPORTER_OTLP_CLIENT_KEY", "/no/such/file", /want a file that can be read/],
  ["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/no/such/file", /want a file that can be read/],
  ["OTEL_BSP_MAX_QUEUE_SIZE", "0", /OTEL_BSP_MAX_QUEUE_SIZE is "0", want a whole number from 1/],
  ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "many", /OTEL_BSP_MAX_EXPORT_BATCH_SIZE is "many"/],
  ["OTEL_BSP_SCHEDULE_DELAY", "5s", /OTEL_BSP_SCHEDULE_DELAY is "5s"/],
  ["OTEL_BSP_EXPORT_TIMEOUT", "1.5", /OTEL_BSP_EXPORT_TIMEOUT is "1.5"/],
  ["OTEL_SPAN_EVENT_COUNT_LIMIT", "-1", /want a whole number from 0/],
  ["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "x", /OTEL_LINK_ATTRIBUTE_COUNT_LIMIT is "x"/],
  // Not honoured at all: whoever sets them would wait for what they ask for.
  ["OTEL_CONFIG_FILE", "/s3cret", /OTEL_CONFIG_FILE is set and not honoured, want it unset/],
  ["OTEL_EXPERIMENTAL_CONFIG_FILE", "/s3cret", /OTEL_EXPERIMENTAL_CONFIG_FILE is set and not honoured/],
  ["OTEL_EXPORTER_JAEGER_ENDPOINT", "http://u:s3cret@j", /OTEL_EXPORTER_JAEGER_ENDPOINT is set and not/],
  ["OTEL_EXPORTER_ZIPKIN_TIMEOUT", "5", /OTEL_EXPORTER_ZIPKIN_TIMEOUT is set and not honoured/],
  ["OTEL_EXPORTER_OTLP_ENDPONT", "http://c", /OTEL_EXPORTER_OTLP_ENDPONT is set and not honoured/],
  ["OTEL_TRACES_SAMPLE", "0.1", /OTEL_TRACES_SAMPLE is set and not honoured/],
  ["OTEL_SPAN_SOMETHING", "1", /OTEL_SPAN_SOMETHING is set and not honoured/],
];

test("a variable that cannot be honoured throws, naming it and what is wanted, never a secret", async (t) => {
  for (const [name, value, message] of REFUSED) {
    process.env[name] = value;
    t.after(() => {
      delete process.env[name];
    });
    assert.throws(
      () => startTracing({ service: "web" }),
      (error: Error) => {
        assert.ok(error instanceof TypeError, `${name}: ${error.stack}`);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
    delete process.env[name];
  }
});

// What another signal, language, instrumentation or Kubernetes reads or sets.
const OTHERS = [
  "OTEL_METRIC_EXPORT_INTERVAL",
  "OTEL_METRICS_EXEMPLAR_FILTER",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRIC_INSECURE",
  "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
  "OTEL_EXPORTER_PROMETHEUS_PORT",
  "OTEL_BLRP_SCHEDULE_DELAY",
  "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
  "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS",
  "OTEL_NODE_DISABLED_INSTRUMENTATIONS",
  "OTEL_SEMCONV_STABILITY_OPT_IN",
  "OTEL_JAVAAGENT_ENABLED",
  "OTEL_PYTHON_LOG_CORRELATION",
  "OTEL_DOTNET_AUTO_HOME",
  "OTEL_GO_AUTO_TARGET_EXE",
  // Of a Kubernetes Service named `otel-exporter`.
  "OTEL_EXPORTER_SERVICE_HOST",
  "OTEL_EXPORTER_SERVICE_PORT_OTLP_HTTP",
  "OTEL_EXPORTER_PORT",
  "OTEL_EXPORTER_PORT_4318_TCP_ADDR",
];

test("checkVariables() passes what others read, and tells what nobody knows", () => {
  const set = (names: readonly string[]): NodeJS.ProcessEnv =>
    Object.fromEntries(names.map((name) => [name, "1"]));
  assert.deepEqual(checkVariables(set(OTHERS)), []);
  // The OpenTelemetry operator's helpers, and a program's own.
  const unknown = ["OTEL_ENABLED", "OTEL_POD_IP", "OTEL_RESOURCE_ATTRIBUTES_POD_NAME"];
  assert.deepEqual(checkVariables(set(unknown)), unknown);
  assert.deepEqual(checkVariables({ OTEL_BSP_NONSENSE: " ", PATH: "/bin" }), [], "empty is not set");
});

test("OTEL_SDK_DISABLED starts whatever the other variables say", async (t) => {
  setVariables(t, { OTEL_SDK_DISABLED: "true", OTEL_CONFIG_FILE: "x", OTEL_EXPORTER_OTLP_PROTOCOL: "http" });
  const tracing = startTracing({ service: "web" });
  assert.equal((await tracing.close()).ended, 0);
});

test("beside a registered provider the variables of export, sampling and propagation are its own", async (t) => {
  setVariables(t, { OTEL_CONFIG_FILE: "x", OTEL_TRACES_SAMPLER: "xray", OTEL_PROPAGATORS: "xray" });
  const names: string[] = [];
  const span = { ...trace.wrapSpanContext({ traceId: "a", spanId: "b", traceFlags: 1 }), end: () => {} };
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: (name: string) => {
        names.push(name);
        return span as never;
      },
      startActiveSpan: () => assert.fail("not called"),
    }),
  });
  t.after(() => {
    for (const api of [trace, propagation, context]) api.disable();
  });
  const tracing = startTracing({ service: "web" });
  t.after(() => tracing.close());
  trace.getTracer("x").startSpan("theirs", { kind: SpanKind.INTERNAL });
  assert.deepEqual(names, ["theirs"]);
});

test("OTEL_LOG_LEVEL, OTEL_METRICS_EXPORTER: all that is said goes to stderr as JSON, unknown variables by name", async () => {
  const script = `
    import { startTracing } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
    const tracing = startTracing({ service: "web" });
    await tracing.close();`;
  const child = spawn(
    process.execPath,
    ["--conditions=@whodunit/source", "--input-type=module", "--eval", script],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: {
        ...process.env,
        OTEL_LOG_LEVEL: "DEBUG",
        OTEL_METRICS_EXPORTER: "OTLP, None",
        OTEL_LOGS_EXPORTER: "None",
        OTEL_ENABLED: "s3cret",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk) => {
      text[name] += chunk;
    });
  }
  const [code] = await once(child, "close");
  assert.equal(code, 0, text.stderr);
  assert.equal(text.stdout, "");
  const lines = text.stderr.trim().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as { level: string; msg: string; text?: string });
  assert.deepEqual(
    parsed.find(({ msg }) => msg === "web-tracing-variables_unknown"),
    { ...parsed[0], level: "debug", variables: ["OTEL_ENABLED"] },
  );
  assert.ok(
    parsed.some((line) => /OTEL_METRICS_EXPORTER contains "none"/.test(line.text ?? "")),
    text.stderr,
  );
  assert.doesNotMatch(text.stderr, /s3cret/);
});

test("the README's table names each honoured variable, and no other", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const rows = readme.split("\n").filter((line) => line.startsWith("| `OTEL_"));
  const named = new Set<string>();
  for (const row of rows) {
    for (const [, name = ""] of (row.split("|")[1] ?? "").matchAll(/`([A-Z_[\]]+)`/g)) {
      named.add(name.replace("[TRACES_]", ""));
      named.add(name.replace("[TRACES_]", "TRACES_"));
    }
  }
  assert.deepEqual([...named].sort(), [...HONOURED].sort());
});
