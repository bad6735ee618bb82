import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { SpanKind } from "@opentelemetry/api";
import { type Span, withSpan } from "../../src/index.ts";
import {
  type RecorderOptions,
  recordTracing,
  type TestSpan,
  type TracingRecorder,
} from "../../src/testing.ts";

/** What one call to a database or broker left: its spans, and its counts by callee. */
export interface Told {
  readonly request: TestSpan;
  /** The spans to callees, in the order of their ends. */
  readonly spans: readonly TestSpan[];
  /** `callee route: count`, with `failures` where there are any. */
  readonly counts: readonly string[];
}

/** Records what goes to callees in this process. */
export interface Operations {
  readonly recorder: TracingRecorder;
  /** Runs `work` in a span of its own and tells what it left. */
  told(work: (span: Span) => unknown): Promise<Told>;
}

const CALLS: readonly SpanKind[] = [SpanKind.CLIENT, SpanKind.PRODUCER];

export function recordOperations(t: TestContext, options: RecorderOptions = {}): Operations {
  const recorder = recordTracing({ service: "web", ...options });
  t.after(() => recorder.close());
  let before = new Map<string, string>();
  const counts = (): Map<string, string> =>
    new Map(
      recorder.traffic
        .counts(600)
        .filter(({ side }) => side === "client")
        .map(({ peer, route, count, failures }) => [
          `${peer} ${route}`,
          `${count}${failures > 0 ? `, ${failures} failed` : ""}`,
        ]),
    );
  return {
    recorder,
    async told(work) {
      recorder.clear();
      before = counts();
      await withSpan("request", async (span) => await work(span)).catch(() => {});
      const request = recorder.spans.find(({ name }) => name === "request");
      assert.ok(request);
      return {
        request,
        spans: recorder.spans.filter(({ kind }) => CALLS.includes(kind)),
        counts: [...counts()].flatMap(([key, count]) =>
          before.get(key) === count ? [] : [`${key}: ${count}`],
        ),
      };
    },
  };
}

/** The one span to a callee, which must be a child of the request's. */
export function only({ spans, request }: Told): TestSpan {
  assert.equal(spans.length, 1, spans.map(({ name }) => name).join(", "));
  assert.equal(spans[0]?.parentSpanId, request.spanId);
  assert.equal(spans[0]?.traceId, request.traceId);
  return spans[0] as TestSpan;
}
