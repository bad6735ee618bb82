import type { EndedSpan, SpanSink } from "../provider/ended-span.ts";
import { Accounts, type SpanAccounts } from "./accounts.ts";

/** Takes spans and sends none (OTEL_TRACES_EXPORTER is `none`): the trace goes on, traffic and logs name it. */
export class NoExporter implements SpanSink {
  readonly #accounts = new Accounts();

  take(_span: EndedSpan): void {
    this.countUnsampled();
  }

  countUnsampled(): void {
    this.#accounts.ended++;
    this.#accounts.unsampled++;
  }

  accounts(): SpanAccounts {
    return this.#accounts.snapshot();
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
