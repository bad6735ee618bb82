import type { Context } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { reportFault } from "@whodunit/core";
import { LiveSpan, type Reading } from "./readable-span.ts";
import type { RecordedSpan } from "./recorded-span.ts";

/**
 * OpenTelemetry's own processors, told of every recorded span as it starts and as it has ended. One that throws
 * disturbs neither the service nor the others.
 */
export class Processors {
  readonly #processors: readonly SpanProcessor[];
  readonly #reading: Reading;
  readonly #live = new WeakMap<RecordedSpan, LiveSpan>();

  constructor(processors: readonly SpanProcessor[], reading: Reading) {
    this.#processors = processors;
    this.#reading = reading;
  }

  started(span: RecordedSpan, parent: Context): void {
    const live = new LiveSpan(span, this.#reading);
    this.#live.set(span, live);
    this.#each((processor) => processor.onStart(live, parent));
  }

  ended(span: RecordedSpan): void {
    const live = this.#live.get(span);
    if (live === undefined) return;
    try {
      live.settle();
    } catch (error) {
      reportFault("WHODUNIT_ENCODE", error);
      return;
    }
    this.#each((processor) => processor.onEnd(live));
  }

  async flush(): Promise<void> {
    await this.#all((processor) => processor.forceFlush());
  }

  async close(): Promise<void> {
    await this.#all((processor) => processor.shutdown());
  }

  #each(tell: (processor: SpanProcessor) => void): void {
    for (const processor of this.#processors) {
      try {
        tell(processor);
      } catch (error) {
        reportFault("WHODUNIT_PROCESSOR", error, processor.constructor.name);
      }
    }
  }

  async #all(ask: (processor: SpanProcessor) => Promise<void>): Promise<void> {
    const one = async (processor: SpanProcessor): Promise<void> => {
      try {
        await ask(processor);
      } catch (error) {
        reportFault("WHODUNIT_PROCESSOR", error, processor.constructor.name);
      }
    };
    await Promise.all(this.#processors.map(one));
  }
}
