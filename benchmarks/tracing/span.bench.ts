import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { withSpan } from "@whodunit/tracing";
import { recordTracing } from "@whodunit/tracing/testing";
import type { Micro, Variant } from "../lib/micro.ts";

/** The stock SDK's span: started, active for a function, ended, batched and thrown away. */
function sdkSpan(): Variant {
  let delivered = 0;
  const exporter = {
    export(spans: readonly unknown[], done: (result: { code: number }) => void) {
      delivered += spans.length;
      done({ code: 0 });
    },
    shutdown: async () => {},
    forceFlush: async () => {},
  };
  const processor = new BatchSpanProcessor({ exporter: exporter as never, maxQueueSize: 100_000 });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer("bench");
  return {
    run: (i) => {
      const span = tracer.startSpan("work", undefined, ROOT_CONTEXT);
      context.with(trace.setSpan(ROOT_CONTEXT, span), () => i);
      span.end();
    },
    settle: () => processor.forceFlush(),
    delivered: () => delivered,
  };
}

function ownSpan(sampleRatio: number): Variant {
  const recorder = recordTracing({ sampleRatio });
  let delivered = 0;
  return {
    run: (i) => {
      withSpan("work", () => i);
      delivered += recorder.spans.length;
      if (recorder.spans.length > 0) recorder.clear();
    },
    ...(sampleRatio === 0 ? {} : { delivered: () => delivered }),
  };
}

export const micro: Micro = {
  title: "one span around a function",
  note: "The stock SDK's startSpan, context.with and end with its batch processor and an exporter that counts; withSpan with a recorder in place of the exporter, sampled and not.",
  variants: {
    "OpenTelemetry SDK": sdkSpan,
    "withSpan, sampled": () => ownSpan(1),
    "withSpan, unsampled": () => ownSpan(0),
  },
};
