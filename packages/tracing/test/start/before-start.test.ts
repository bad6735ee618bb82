import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const ENV = { ...process.env, OTEL_LOGS_EXPORTER: "console", OTEL_TRACES_EXPORTER: "none" };

// OpenTelemetry's API has one copy for ES modules and one for CommonJS, and a program may hold both.
const PROGRAM = `
  const early = { tracer: trace.getTracer("early"), logger: logs.getLogger("early") };
  const twin = { tracer: other.trace.getTracer("early"), logger: other.logs.getLogger("early") };
  async function main() {
    const tracing = startTracing({ service: "web" });
    const late = { tracer: trace.getTracer("late"), logger: other.logs.getLogger("late") };
    const recording = [];
    for (const { tracer, logger } of [early, twin, late]) {
      recording.push(tracer.startSpan("work").isRecording());
      logger.emit({ body: "hello" });
    }
    console.log(JSON.stringify(recording));
    await tracing.close();
  }
  main();
`;
const KINDS = {
  module: `
    import { createRequire } from "node:module";
    import { logs, trace } from "@opentelemetry/api";
    import { startTracing } from "@whodunit/tracing";
    const other = createRequire(process.cwd() + "/x.js")("@opentelemetry/api");`,
  commonjs: `
    const { logs, trace } = require("@opentelemetry/api");
    const { startTracing } = require("@whodunit/tracing");
    const other = { logs, trace };`,
};

for (const [kind, imports] of Object.entries(KINDS)) {
  test(`tracers and loggers that were got before the start work after it: ${kind}`, () => {
    const program = `${imports}${PROGRAM}`;
    const args = ["--conditions=@whodunit/source", `--input-type=${kind}`, "-e", program];
    const out = execFileSync(process.execPath, args, {
      encoding: "utf8",
      env: ENV,
      cwd: import.meta.dirname,
    });
    assert.match(out, /\[true,true,true\]/);
    assert.equal(out.match(/body: 'hello'/g)?.length, 3, out);
  });
}
