// Started by drivers.bench.ts: node drivers-child.cjs <driver> <variant> <port>. Asks a real server a simple question
// many times, and sends the CPU time of one of them, in microseconds. CommonJS, which instrumentations patch best.
const [driver, variant, port] = process.argv.slice(2);
const { context, trace } = require("@opentelemetry/api");

const WARM_UP = 20_000;
const OPERATIONS = 40_000;
const AT_ONCE = 20;
const PASSWORD = process.env.PASSWORD;

const variants = {
  bare: () => ({}),
  OpenTelemetry() {
    const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
    const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
    const { BatchSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");
    const { registerInstrumentations } = require("@opentelemetry/instrumentation");
    const made = {
      pg: () => new (require("@opentelemetry/instrumentation-pg").PgInstrumentation)(),
      mysql2: () => new (require("@opentelemetry/instrumentation-mysql2").MySQL2Instrumentation)(),
      ioredis: () => new (require("@opentelemetry/instrumentation-ioredis").IORedisInstrumentation)(),
    };
    let count = 0;
    const sender = new OTLPTraceExporter();
    const exporter = {
      export(spans, done) {
        count += spans.length;
        sender.export(spans, done);
      },
      forceFlush: () => sender.forceFlush(),
      shutdown: () => sender.shutdown(),
    };
    const processor = new BatchSpanProcessor({ exporter, maxQueueSize: 100_000 });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
    registerInstrumentations({ instrumentations: [made[driver]()] });
    return {
      spans: async () => {
        await processor.forceFlush();
        return count;
      },
    };
  },
  channels() {
    const tracing = require("@whodunit/tracing").startTracing({ service: "bench" });
    const spans = async () => {
      await tracing.flush();
      return tracing.spans().exported;
    };
    return { spans };
  },
  traceClient: () => ({ ...variants.channels(), client: require("@whodunit/tracing").traceClient }),
};

const connects = {
  async pg(traced) {
    const { Pool } = require("pg");
    const login = { host: "127.0.0.1", port, user: "app", password: PASSWORD, database: "postgres" };
    const pool = traced(new Pool({ ...login, max: AT_ONCE }));
    return () => pool.query("SELECT id, name FROM orders WHERE id = $1", [1]);
  },
  async mysql2(traced) {
    const login = { host: "127.0.0.1", port, user: "app", password: PASSWORD, database: "app" };
    const pool = traced(require("mysql2/promise").createPool({ ...login, connectionLimit: AT_ONCE }));
    return () => pool.execute("SELECT id, name FROM orders WHERE id = ?", [1]);
  },
  async ioredis(traced) {
    const client = traced(new (require("ioredis").Redis)({ host: "127.0.0.1", port, password: PASSWORD }));
    return () => client.get("order:1");
  },
};

async function main() {
  const { spans, client = (one) => one } = variants[variant]();
  const ask = await connects[driver](client);
  const parent = trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 });
  const inside = trace.setSpan(context.active(), parent);
  const run = (count) => {
    let left = count;
    const next = async () => {
      while (left-- > 0) await ask();
    };
    return context.with(inside, () => Promise.all(Array.from({ length: AT_ONCE }, next)));
  };
  await run(WARM_UP);
  const before = (await spans?.()) ?? 0;
  const start = process.cpuUsage();
  await run(OPERATIONS);
  const told = (await spans?.()) ?? 0;
  const { user, system } = process.cpuUsage(start);
  process.send({ cpuMicros: (user + system) / OPERATIONS, spans: (told - before) / OPERATIONS });
  process.disconnect();
  process.exit(0);
}

void main();
