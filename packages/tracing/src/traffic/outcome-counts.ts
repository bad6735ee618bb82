import type { Verdict } from "./slots.ts";

/** What is kept of a request for the exemplar; the ISO time is made only when somebody asks. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  /** On the monotonic clock, as all times here: what a window holds must not depend on who sets the clock. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly status: number | string;
  readonly failed: boolean;
  readonly error: string | undefined;
}

/**
 * How a request is counted for a scraper, whose counters only grow: a call that was counted as a success and then failed
 * after all is counted once more, as `late_failure`.
 */
export type Outcome = Verdict | "late_failure";

/** Requests of one class and outcome. */
export interface OutcomeCount {
  /** `2xx` … `5xx`, `ok`, or an error's type; `aborted` of what was given up. */
  readonly className: string;
  readonly outcome: Outcome;
  count: number;
  /** The latest of them that has a trace. */
  trace: Trace | undefined;
}

interface Row extends OutcomeCount {
  /** The class as it came, before secrets were taken out. */
  readonly raw: string;
  /** How many of them a scraper has seen under their own name. */
  seen: number;
}

const OUTCOMES = 4;
const NAMED_MAX = 6;
const OTHER = "_other";
const ABORTED = "aborted";
const NAME_MAX = 64;

/** Requests since the start by class and outcome: at most ten rows, what is more than six classes under `_other`. */
export class OutcomeCounts {
  static readonly ROWS_MAX: number = NAMED_MAX + OUTCOMES;
  /** Whether several series count here: then what one of them brings is told already when that one goes. */
  isShared = false;
  readonly #rows: Row[] = [];
  readonly #clean: (text: string) => string;

  /** @param clean takes secrets out of classes */
  constructor(clean: (text: string) => string) {
    this.#clean = clean;
  }

  add(outcome: Outcome, given: string, trace: Trace | undefined, count = 1): void {
    const raw = outcome === "aborted" ? ABORTED : given;
    const row = this.#find(outcome, raw) ?? this.#place(outcome, raw);
    row.count += count;
    if (trace !== undefined) row.trace = trace;
  }

  /** A scraper sees them as they are. */
  markSeen(): void {
    for (const row of this.#rows) row.seen = row.count;
  }

  /** Whether something was counted that no scraper has seen. */
  get hasUnseen(): boolean {
    return this.#rows.some(({ count, seen }) => count > seen);
  }

  /** Adds what nobody has seen of another: what was seen once must not be counted elsewhere again. */
  absorb(other: OutcomeCounts): void {
    if (other.isShared) return;
    for (const { outcome, className, count, seen, trace } of other.#rows) {
      if (count === seen) continue;
      const own = this.#find(outcome, className) ?? this.#place(outcome, className);
      const isLater = trace !== undefined && trace.atMs > (own.trace?.atMs ?? Number.NEGATIVE_INFINITY);
      own.count += count - seen;
      if (isLater) own.trace = trace;
    }
  }

  get rows(): readonly OutcomeCount[] {
    return this.#rows;
  }

  #find(outcome: Outcome, raw: string): Row | undefined {
    for (const row of this.#rows) if (row.raw === raw && row.outcome === outcome) return row;
    return undefined;
  }

  // Classes that differ by their secrets only are shown as one, and so are one.
  #place(outcome: Outcome, raw: string): Row {
    const shown = this.#clean(raw).slice(0, NAME_MAX);
    const isFull = this.#rows.filter(({ className }) => className !== OTHER).length >= NAMED_MAX;
    const known = this.#rows.find((row) => row.outcome === outcome && row.className === shown);
    if (known !== undefined) return known;
    const className = isFull ? OTHER : shown;
    const rest = isFull ? this.#find(outcome, OTHER) : undefined;
    if (rest !== undefined) return rest;
    const row: Row = { raw: isFull ? OTHER : raw, className, outcome, count: 0, seen: 0, trace: undefined };
    this.#rows.push(row);
    return row;
  }
}
