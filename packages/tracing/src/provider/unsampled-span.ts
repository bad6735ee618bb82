import type { Span, SpanContext } from "@opentelemetry/api";
import type { Discardable, SpanSink } from "./ended-span.ts";

/** A span that is not recorded: it has ids to carry on, and is counted when it ends. */
export class UnsampledSpan implements Span, Discardable {
  readonly #context: SpanContext;
  #sink: SpanSink | undefined;

  constructor(context: SpanContext, sink: SpanSink) {
    this.#context = context;
    this.#sink = sink;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  recordException(): void {}

  end(): void {
    this.#sink?.countUnsampled();
    this.#sink = undefined;
  }

  discard(): void {
    this.#sink = undefined;
  }
}
