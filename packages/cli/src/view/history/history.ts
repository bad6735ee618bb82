/** What becomes of services over time, as the store keeps it beside spans and lines. */

/** Calls of one minute; see `Subject` of the map for what each is of. */
export interface CallMinute {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly what: string;
  readonly service: string;
  readonly name: string;
  readonly target: string;
  readonly requests: number;
  readonly failures: number;
  /** Latencies, as `bins.ts` writes them. */
  readonly bins: string;
}

/** A metric's kind: `gauge` is a level, `sum` what was added, `histogram` how many and how much together. */
export type MetricKind = "gauge" | "sum" | "histogram";

/** A metric's observations of one minute. */
export interface MetricMinute {
  readonly minute: number;
  readonly service: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  /** Its attributes as JSON, in the order of their names. */
  readonly series: string;
  /** How many observations. */
  readonly points: number;
  /** Their sum. */
  readonly total: number;
}

/** An entry of a service's health that became another. */
export interface HealthChange {
  readonly atMs: number;
  /** The first of the runs that led to it. */
  readonly sinceMs: number;
  readonly service: string;
  readonly probe: string;
  /** Such as `OK`, `DEGRADED`, `TIMEOUT`, `ERROR`; `STARTING` where nothing was known. */
  readonly from: string;
  readonly to: string;
  /** Whether it counts against its service; null where nobody told. */
  readonly critical: boolean | null;
  /** What went wrong; empty where nobody told. */
  readonly error: string;
}

/**
 * Something that was changed at a service: another version (`deploy`), a process that was not there before (`start`),
 * levels of its lines (`level`), and what the application tells by `reportChange()` (`report`). A service that was never
 * seen before is `seen`: it is no change, but what later ones are told by.
 */
export interface ServiceChange {
  readonly atMs: number;
  readonly service: string;
  readonly kind: "deploy" | "start" | "level" | "report" | "seen";
  readonly what: string;
  /** The process's version and instance, of `deploy` and `start`; empty where it tells none. */
  readonly version: string;
  readonly instance: string;
}

/** What is written at once. */
export interface History {
  readonly calls: readonly CallMinute[];
  readonly metrics: readonly MetricMinute[];
  readonly health: readonly HealthChange[];
  readonly changes: readonly ServiceChange[];
}
