/** Why a span was not delivered. */
export type DropReason =
  /** More waited than the byte budget holds. */
  | "queue-full"
  /** One span larger than a whole batch. */
  | "too-large"
  /** Something in it threw when it was encoded, such as a trace state of the service's own. */
  | "unreadable"
  /** The receiver refused it, and would again. */
  | "rejected"
  /** The receiver could not be reached, or did not answer, in all attempts. */
  | "unreachable"
  /** One of OpenTelemetry's own exporters said so, or threw, without a word on why. */
  | "failed"
  /** It ended, or still waited, when tracing was closed. */
  | "closed";

/**
 * What became of the spans that ended: `ended = exported + dropped + unsampled + pending`, at every moment. Where there
 * are several exporters, a span is exported, pending or dropped once for each.
 */
export interface SpanAccounts {
  readonly ended: number;
  /** Accepted by the receiver; by one of OpenTelemetry's own exporters reported as done. */
  readonly exported: number;
  /** Not sampled, or sent nowhere because there is no exporter. */
  readonly unsampled: number;
  /** Waiting, or on their way. */
  readonly pending: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Each exporter for itself; only where there are several. */
  readonly exporters?: readonly ExporterAccounts[];
}

/** What became of the spans that one of several exporters was given: `given = exported + dropped + pending`. */
export interface ExporterAccounts {
  /** `otlp`, `console`, `zipkin`, or the name of its class. */
  readonly exporter: string;
  readonly given: number;
  readonly exported: number;
  readonly pending: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** Counts spans at each of the places where something becomes of them. */
export class Accounts {
  ended = 0;
  exported = 0;
  unsampled = 0;
  pending = 0;
  readonly #dropped: Record<DropReason, number> = {
    "queue-full": 0,
    "too-large": 0,
    unreadable: 0,
    rejected: 0,
    unreachable: 0,
    failed: 0,
    closed: 0,
  };

  /** Counts a span that ended unsampled: it goes nowhere. */
  countUnsampled(): void {
    this.ended++;
    this.unsampled++;
  }

  drop(reason: DropReason, count: number): void {
    this.#dropped[reason] += count;
  }

  /** How many were dropped, for whatever reason. */
  get lost(): number {
    return Object.values(this.#dropped).reduce((sum, count) => sum + count, 0);
  }

  snapshot(): SpanAccounts {
    const { ended, exported, unsampled, pending } = this;
    return { ended, exported, unsampled, pending, dropped: { ...this.#dropped } };
  }
}
