import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter, type SpanExporter } from "@opentelemetry/sdk-trace";
import { until } from "../../../../test/helpers/until.ts";
import {
  type SpanAccounts,
  startTracing,
  type Tracing,
  type TracingOptions,
  withSpan,
} from "../../src/index.ts";
import {
  type Endpoint,
  type SeenSpan,
  startGrpcEndpoint,
  startOtlpEndpoint,
  startZipkinEndpoint,
} from "../helpers/endpoints.ts";
import { closeWithin } from "../helpers/tracing.ts";

const SECRET = "hunter2-of-these-tests";

function startWith(t: TestContext, env: Record<string, string>, options: TracingOptions = {}): Tracing {
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const tracing = startTracing({ service: "web", ...options });
  t.after(() => tracing.close());
  return tracing;
}

async function endpointOf(t: TestContext, start: () => Promise<Endpoint>): Promise<Endpoint> {
  const endpoint = await start();
  t.after(() => endpoint.close());
  return endpoint;
}

/** A trace of two spans with a secret in every place that takes a text. */
function secretTrace(): void {
  withSpan("outer", { tags: { password: SECRET, [`token=${SECRET}`]: 1 } }, ({ otel }) => {
    otel.addEvent(`login password=${SECRET}`, { password: SECRET, note: `password=${SECRET}` });
    otel.setAttributes({
      "url.full": `https://ada:${SECRET}@db.example/?access_token=${SECRET}`,
      ok: "fine",
    });
    otel.setAttribute("nested", { deep: [{ password: SECRET }] } as never);
    otel.setStatus({ code: SpanStatusCode.ERROR, message: `no entry, password=${SECRET}` });
    withSpan(`inner password=${SECRET}`, () => {});
  });
}

const shapeOf = (spans: readonly SeenSpan[]): string[] =>
  spans
    .map(({ name, traceId, spanId, parentSpanId }) => `${traceId} ${spanId} ${parentSpanId ?? "-"} ${name}`)
    .sort();

interface Way {
  readonly start: () => Promise<Endpoint>;
  readonly env: (port: number) => Record<string, string>;
}

const otlp = (protocol: string) => (port: number) => ({
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
});

const WAYS: Record<string, Way> = {
  "http/protobuf": { start: startOtlpEndpoint, env: otlp("http/protobuf") },
  "http/json": { start: startOtlpEndpoint, env: otlp("http/json") },
  grpc: { start: startGrpcEndpoint, env: otlp("grpc") },
  zipkin: {
    start: startZipkinEndpoint,
    env: (port) => ({
      OTEL_TRACES_EXPORTER: "zipkin",
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${port}/api/v2/spans`,
    }),
  },
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`spans arrive by ${name} as an exporter beside it gets them, without a secret`, async (t) => {
    const endpoint = await endpointOf(t, way.start);
    const memory = new InMemorySpanExporter();
    const other = await endpointOf(t, startZipkinEndpoint);
    const env = way.env(endpoint.port);
    // Beside another one by the same list, unless it is that one itself.
    const list = name === "zipkin" ? "zipkin" : "otlp, zipkin";
    const zipkin = { OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${other.port}/api/v2/spans`, ...env };
    const { BatchSpanProcessor } = await import("@opentelemetry/sdk-trace");
    const tracing = startWith(
      t,
      { ...zipkin, OTEL_TRACES_EXPORTER: list },
      { processors: [new BatchSpanProcessor({ exporter: memory })] },
    );
    secretTrace();
    await tracing.flush();
    const wanted = shapeOf(
      memory.getFinishedSpans().map((span) => ({
        name: span.name,
        ...span.spanContext(),
        parentSpanId: span.parentSpanContext?.spanId,
      })),
    );
    assert.equal(wanted.length, 2);
    assert.deepEqual(shapeOf(endpoint.spans), wanted);
    if (name !== "zipkin") assert.deepEqual(shapeOf(other.spans), wanted);
    for (const { text } of [endpoint, other]) assert.ok(!text.includes(SECRET), text);
    assert.ok(endpoint.text.includes("fine"), "what is no secret stays");
    const accounts = await tracing.close();
    assert.deepEqual([accounts.ended, accounts.pending], [2, 0]);
    assert.equal(accounts.exported, name === "zipkin" ? 2 : 4, JSON.stringify(accounts));
    assert.deepEqual(
      accounts.exporters?.map(({ exporter, given, exported }) => [exporter, given, exported]),
      name === "zipkin"
        ? undefined
        : [
            ["otlp", 2, 2],
            ["zipkin", 2, 2],
          ],
    );
  });
}

test("the console exporter prints spans with their ids and without a secret", async () => {
  const program = `
    import { startTracing, withSpan } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url))};
    const tracing = startTracing({ service: "web" });
    withSpan("work", { tags: { password: "${SECRET}", ok: "fine" } }, (span) =>
      console.log("id", span.otel.spanContext().spanId));
    const { exported } = await tracing.close();
    console.log("exported", exported);`;
  const child = spawn(
    process.execPath,
    ["--conditions=@whodunit/source", "--input-type=module", "-e", program],
    {
      env: { ...process.env, OTEL_TRACES_EXPORTER: "console" },
      stdio: ["ignore", "pipe", "inherit"],
      cwd: import.meta.dirname,
    },
  );
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await once(child, "close");
  const id = /^id (\w+)$/m.exec(text)?.[1];
  assert.match(text, new RegExp(`id: '${id}'`));
  assert.match(text, /'?ok'?: 'fine'/);
  assert.match(text, /exported 1/);
  assert.ok(!text.includes(SECRET), text);
});

const lostOf = ({ dropped }: Pick<SpanAccounts, "dropped">): number =>
  Object.values(dropped).reduce((sum, count) => sum + count, 0);

function assertBalanced(accounts: SpanAccounts): void {
  const { ended, exported, unsampled, pending } = accounts;
  assert.equal(ended, exported + unsampled + pending + lostOf(accounts), JSON.stringify(accounts));
}

const SPANS = 1_200;
const work = (): void => {
  for (let i = 0; i < SPANS; i++) withSpan("work", () => {});
};

for (const [name, { start, env }] of Object.entries(WAYS)) {
  if (name === "http/protobuf") continue; // Its accounts have a file of their own.
  for (const mood of ["refuse", "hang", "die"] as const) {
    test(`the accounts of ${name} add up when the receiver ${mood}s after a batch`, async (t) => {
      const endpoint = await endpointOf(t, start);
      const impatient = { OTEL_EXPORTER_OTLP_TIMEOUT: "200", OTEL_BSP_EXPORT_TIMEOUT: "400" };
      const tracing = startWith(t, { ...env(endpoint.port), ...impatient });
      let first = 0;
      // Its patience is for a receiver that hangs: on a busy machine one that answers may take longer, too.
      await until(async () => {
        first++;
        withSpan("first", () => {});
        await tracing.flush();
        return tracing.spans().exported === 1;
      }, "one that answers is heard");
      assert.ok(endpoint.spans.length >= 1);
      endpoint.mood = mood;
      const asked = endpoint.asked;
      work();
      assertBalanced(tracing.spans());
      await until(() => endpoint.asked > asked);
      const accounts = await closeWithin(3_000, tracing);
      assertBalanced(accounts);
      assert.deepEqual([accounts.ended, accounts.exported, accounts.pending], [SPANS + first, 1, 0]);
      assert.equal(lostOf(accounts), SPANS + first - 1);
    });
  }
}

/** An exporter of a service's own. */
class OwnExporter implements SpanExporter {
  readonly seen: string[] = [];
  readonly inFlight: ((code: number) => void)[] = [];
  shutDown = 0;

  export(spans: readonly { name: string }[], done: (result: { code: number }) => void): void {
    this.seen.push(...spans.map(({ name }) => name));
    this.inFlight.push((code) => done({ code }));
  }

  async shutdown(): Promise<void> {
    this.shutDown++;
  }
}

test("an exporter gets one batch at a time, and each is counted as it is answered: done, failed, or not at all", async (t) => {
  const own = new OwnExporter();
  const env = {
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "2",
    OTEL_BSP_MAX_QUEUE_SIZE: "5",
    OTEL_BSP_SCHEDULE_DELAY: "0",
  };
  const tracing = startWith(t, env, { exporters: [own] });
  for (let i = 0; i < 7; i++) withSpan(`${i}`, () => {});
  assert.deepEqual(own.seen, ["0", "1"]);
  assert.deepEqual([tracing.spans().pending, tracing.spans().dropped["queue-full"]], [5, 2]);
  own.inFlight.shift()?.(0);
  await until(() => own.seen.length === 4);
  own.inFlight[0]?.(1);
  own.inFlight.shift()?.(0);
  await until(() => own.seen.length === 5);
  assertBalanced(tracing.spans());
  const accounts = await closeWithin(3_000, tracing);
  assertBalanced(accounts);
  assert.equal(own.shutDown, 1);
  assert.deepEqual([accounts.exported, accounts.dropped.failed, accounts.dropped.closed], [2, 2, 1]);
  own.inFlight.shift()?.(0);
  assert.deepEqual(tracing.spans(), accounts, "an answer that comes too late changes nothing");
});

test("spans that end while an exporter takes longer than the delay are exported once it has answered", (t) => {
  const own = new OwnExporter();
  // Before tracing is closed, which needs the real ones.
  t.after(() => t.mock.timers.reset());
  const tracing = startWith(t, { OTEL_BSP_SCHEDULE_DELAY: "100" }, { exporters: [own] });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [index, answer] of [0, 1, 0].entries()) {
    withSpan(`${index}`, () => {});
    t.mock.timers.tick(100);
    withSpan(`${index} meanwhile`, () => {});
    t.mock.timers.tick(1_000);
    assert.deepEqual(own.seen.at(-1), `${index}`, "one batch at a time");
    own.inFlight.shift()?.(answer);
    t.mock.timers.tick(100);
    assert.deepEqual(own.seen.at(-1), `${index} meanwhile`, `after the answer ${answer}`);
    own.inFlight.shift()?.(answer);
  }
  const { ended, pending, exported, dropped } = tracing.spans();
  assert.deepEqual([ended, pending, exported, dropped.failed], [6, 0, 4, 2]);
});

test("an exporter that throws, rejects or answers nonsense disturbs nobody, and is counted as failed", async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  class Throws extends OwnExporter {
    override export(): void {
      throw new Error(SECRET);
    }
    override async shutdown(): Promise<void> {
      throw new Error(SECRET);
    }
  }
  class Rejects extends OwnExporter {
    override async export(): Promise<void> {
      throw new Error(SECRET);
    }
  }
  class Nonsense extends OwnExporter {
    override export(_spans: unknown, done: (result: { code: number }) => void): void {
      done(undefined as never);
    }
  }
  const good = new InMemorySpanExporter();
  const tracing = startWith(t, {}, { exporters: [new Throws(), new Rejects(), new Nonsense(), good] });
  withSpan("work", () => {});
  await tracing.flush();
  assert.equal(good.getFinishedSpans().length, 1);
  const accounts = await tracing.close();
  assert.deepEqual(
    accounts.exporters?.map(({ exporter, given, exported, dropped }) => [
      exporter,
      given,
      exported,
      dropped.failed,
    ]),
    [
      ["Throws", 1, 0, 1],
      ["Rejects", 1, 0, 1],
      ["Nonsense", 1, 0, 1],
      ["InMemorySpanExporter", 1, 1, 0],
    ],
  );
  await until(() => warnings.some((text) => text.includes("WHODUNIT_EXPORTER Throws")));
  assert.ok(!warnings.join().includes(SECRET));
});

test("exporters leave no span and no traffic of their own requests", async (t) => {
  const endpoint = await endpointOf(t, startOtlpEndpoint);
  const tracing = startWith(t, otlp("http/json")(endpoint.port));
  withSpan("work", () => {});
  await tracing.flush();
  await tracing.flush();
  assert.deepEqual(
    endpoint.spans.map(({ name }) => name),
    ["work"],
  );
  assert.deepEqual(tracing.traffic.counts(600), []);
});

test("a wrong list or protocol, or an endpoint that is none, throws in the call", () => {
  const wrong: [Record<string, string>, RegExp][] = [
    [
      { OTEL_TRACES_EXPORTER: "otlp,jaeger" },
      /OTEL_TRACES_EXPORTER is "otlp,jaeger", want a list of otlp, console/,
    ],
    [{ OTEL_TRACES_EXPORTER: "none,console" }, /OTEL_TRACES_EXPORTER is "none,console", want "none" alone/],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "http" },
      /OTEL_EXPORTER_OTLP_PROTOCOL is "http", want "http\/protobuf" or/,
    ],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://a" },
      /OTEL_EXPORTER_OTLP_ENDPOINT is "ftp:\/\/a", want host:port/,
    ],
    [
      { OTEL_TRACES_EXPORTER: "zipkin", OTEL_EXPORTER_ZIPKIN_ENDPOINT: "nowhere" },
      /OTEL_EXPORTER_ZIPKIN_ENDPOINT is "nowhere", want an http or https URL/,
    ],
  ];
  for (const [env, message] of wrong) {
    Object.assign(process.env, env);
    try {
      assert.throws(() => startTracing({ service: "web" }), message);
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
    }
  }
  const options: [object, RegExp][] = [
    [{ exporters: {} }, /option "exporters" is an object, want an array of OpenTelemetry's span exporters/],
    [
      { exporters: [{ export: 1 }] },
      /option "exporters\[0\]" is an object, want an array of OpenTelemetry's span/,
    ],
    [{ processors: [new InMemorySpanExporter()] }, /option "processors\[0\]" is an object, want an array of/],
    [{ sampler: {} }, /option "sampler" is an object, want one of OpenTelemetry's samplers/],
    [{ sampler: { shouldSample() {} }, sampleRatio: 1 }, /want either "sampler" or "sampleRatio"/],
  ];
  for (const [option, message] of options)
    assert.throws(() => startTracing({ service: "web", ...option } as never), message);
});
