import { binOf, writeBins } from "../store/bins.ts";
import type { CallMinute } from "./history.ts";

const MINUTE_MS = 60_000;

interface Counted {
  readonly minute: number;
  readonly subject: Pick<CallMinute, "what" | "service" | "name" | "target">;
  requests: number;
  failures: number;
  readonly bins: Map<number, number>;
}

/** Adds up calls minute by minute. */
export class CallMinutes {
  #minutes = new Map<string, Counted>();

  add(
    subject: Counted["subject"],
    {
      endMs,
      failed,
      durationMs,
    }: { readonly endMs: number; readonly failed: boolean; readonly durationMs: number },
  ): void {
    const minute = Math.floor(endMs / MINUTE_MS);
    const key = JSON.stringify([minute, subject.what, subject.service, subject.name, subject.target]);
    let counted = this.#minutes.get(key);
    if (counted === undefined) {
      counted = { minute, subject, requests: 0, failures: 0, bins: new Map() };
      this.#minutes.set(key, counted);
    }
    counted.requests += 1;
    if (failed) counted.failures += 1;
    const bin = binOf(durationMs);
    counted.bins.set(bin, (counted.bins.get(bin) ?? 0) + 1);
  }

  /** What was added since the last time. */
  take(): CallMinute[] {
    const minutes = [...this.#minutes.values()];
    this.#minutes = new Map();
    return minutes.map(({ minute, subject: { what, service, name, target }, requests, failures, bins }) => ({
      minute,
      what,
      service,
      name,
      target,
      requests,
      failures,
      bins: writeBins(bins),
    }));
  }
}
