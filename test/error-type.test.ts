import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "@whodunit/logger";
import { createRedactor } from "@whodunit/redaction";
import { withSpan } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { recordTracing } from "@whodunit/tracing/testing";
import Fastify from "fastify";

class RedeemError extends Error {}
class DateRangeError extends RangeError {}
class PartError extends AggregateError {}
class LateRedeemError extends RedeemError {}
class GivenError extends Error {
  override name = "ValidationError";
}
class PrototypeError extends Error {}
PrototypeError.prototype.name = "RenamedError";
class Anonymous {}
const anonymous = Object.assign(new (class extends Error {})("x"), { constructor: Anonymous });
class GetterError extends Error {
  override get name(): string {
    throw new Error("no name for you");
  }
}

/** What everybody tells of an error: log line, span, traffic and `redactValue`. */
const TABLE: readonly [error: Error, type: string][] = [
  [new Error("x"), "Error"],
  [new TypeError("x"), "TypeError"],
  [new RedeemError("x"), "RedeemError"],
  [new DateRangeError("x"), "DateRangeError"],
  [new PartError([], "x"), "PartError"],
  [new LateRedeemError("x"), "LateRedeemError"],
  [new GivenError("x"), "ValidationError"],
  [new PrototypeError("x"), "RenamedError"],
  [Object.assign(new Error("x"), { name: "SdkError" }), "SdkError"],
  [Object.assign(new Error("x"), { name: "TypeError" }), "TypeError"],
  [anonymous, "Anonymous"],
  [new DOMException("x", "DataCloneError"), "DataCloneError"],
];

test("L7: one error has one type in the log line, the span, traffic, the throttle and redactValue()", async (t) => {
  // Both lines are of one second, however long they take.
  t.mock.timers.enable({ apis: ["Date"] });
  const tracing = recordTracing({ service: "types" });
  t.after(() => tracing.close());
  const lines: { err?: { type?: unknown }; repeats?: number; type?: unknown }[] = [];
  const redactor = createRedactor();
  let thrown: Error | undefined;
  const app = Fastify();
  t.after(() => app.close());
  await app.register(tracingPlugin);
  app.get("/:type", () => {
    throw thrown;
  });

  for (const [error, type] of TABLE) {
    tracing.clear();
    lines.length = 0;
    const logger = createLogger({
      service: "types",
      throttle: { perSecond: 1 },
      destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
    });
    for (let time = 0; time < 2; time++) logger.error("fail", { err: error });
    await logger.close();
    assert.equal(lines[0]?.err?.type, type, "the line");
    assert.equal(lines.find((line) => line.repeats === 1)?.type, type, "the throttle");

    assert.throws(() =>
      withSpan("work", () => {
        throw error;
      }),
    );
    const [span] = tracing.spans;
    assert.equal(span?.attributes["error.type"], type, "the span");
    assert.equal(span?.events[0]?.attributes["exception.type"], type, "the span's exception");

    assert.equal((redactor.redactValue(error) as { type?: unknown }).type, type, "redactValue");

    thrown = error;
    await app.inject(`/${type}`);
    const { series } = tracing.traffic.snapshot();
    assert.equal(series.findLast(({ side }) => side === "server")?.exemplar?.error, type, "traffic");
  }
});

test("L7: an error whose name cannot be read is an Error wherever it is told, and ends nothing", (t) => {
  const tracing = recordTracing({ service: "types" });
  t.after(() => tracing.close());
  let line = "";
  const logger = createLogger({
    service: "types",
    destination: {
      write: (text: string) => {
        line = text;
      },
    },
  });
  const error = new GetterError("x");
  logger.error("fail", { err: error });
  assert.equal(JSON.parse(line).err.type, "Error");
  assert.throws(() =>
    withSpan("work", () => {
      throw error;
    }),
  );
  assert.equal(tracing.spans[0]?.attributes["error.type"], "Error");
  createRedactor().redactValue(error);
});

test("an error's code goes before its type in error.type, and stands beside it in the line and the exception", (t) => {
  const tracing = recordTracing({ service: "types" });
  t.after(() => tracing.close());
  let line = "";
  const logger = createLogger({
    service: "types",
    destination: {
      write: (text: string) => {
        line = text;
      },
    },
  });
  const error = Object.assign(new RedeemError("x"), { code: "ECONNREFUSED" });
  logger.error("fail", { err: error });
  assert.throws(() =>
    withSpan("work", () => {
      throw error;
    }),
  );
  const { type, code } = JSON.parse(line).err;
  assert.deepEqual([type, code], ["RedeemError", "ECONNREFUSED"]);
  assert.equal(tracing.spans[0]?.attributes["error.type"], "ECONNREFUSED");
  assert.equal(tracing.spans[0]?.events[0]?.attributes["exception.type"], "RedeemError");
});
