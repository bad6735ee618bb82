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
  /** It ended, or still waited, when tracing was closed. */
  | "closed";

/** What became of the spans that ended: `ended = exported + dropped + unsampled + pending`, at every moment. */
export interface SpanAccounts {
  readonly ended: number;
  /** Accepted by the receiver. */
  readonly exported: number;
  /** Not sampled, or sent nowhere because OTEL_TRACES_EXPORTER is `none`. */
  readonly unsampled: number;
  /** Waiting, or on their way. */
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
    closed: 0,
  };

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
