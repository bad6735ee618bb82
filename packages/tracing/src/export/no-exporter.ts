import type { EndedSpan } from "../provider/ended-span.ts";
import { Accounts, type SpanAccounts } from "./accounts.ts";
import type { Destination } from "./destination.ts";

/** Takes spans and sends none (there is no exporter): the trace goes on, traffic and logs name it. */
export class NoExporter implements Destination {
  readonly #accounts = new Accounts();

  take(_span: EndedSpan): void {
    this.countUnsampled();
  }

  countUnsampled(): void {
    this.#accounts.countUnsampled();
  }

  accounts(): SpanAccounts {
    return this.#accounts.snapshot();
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
