import type { Points, Sample, StoreClient, StoredExemplar } from "./client.ts";
import type { Dialect } from "./dialects.ts";
import type { Labels } from "./known-labels.ts";
import { RESOURCES } from "./processes.ts";
import { anyOf, type Matcher, selector } from "./promql.ts";

/** Some services, by a label that names each: nothing stands for all. */
export type Wanted = ReadonlyMap<string, readonly string[]> | undefined;

/** Moments at equal distances, in Unix seconds. */
export interface Steps {
  readonly fromS: number;
  readonly toS: number;
  readonly stepS: number;
}

/** Whose times. */
export interface Times {
  readonly side: "server" | "client";
  readonly byRoute: boolean;
  /** Of a caller's requests: whom it calls; undefined: all. Only where the dialect has a label for it. */
  readonly peers?: readonly string[] | undefined;
}

const CHANGES = "whodunit_change_time_seconds";
const HEALTH = "health_probe_status";

/** The questions that are put to a store, each by constant names and escaped values. */
export class StoreQueries {
  readonly #client: StoreClient;
  readonly #matchers: readonly Matcher[];

  constructor(client: StoreClient, matchers: readonly Matcher[]) {
    this.#client = client;
    this.#matchers = matchers;
  }

  /** How many counters of requests there are, by metric. */
  async sizes(dialects: readonly Dialect[], atS: number): Promise<Map<string, number>> {
    const names = dialects.flatMap(({ counters }) => counters);
    const counted = await this.#client.instant(`count by (__name__) (${this.#select(names)})`, atS);
    return new Map(counted.map(({ labels, value }) => [labels.__name__ ?? "", value]));
  }

  /** Every series of requests of some services as it was at a moment. */
  raw(dialect: Dialect, wanted: Wanted, atS: number): Promise<Sample[]> {
    return this.#client.instant(this.#ofServices([...metricsOf(dialect, true), CHANGES], wanted), atS);
  }

  /** How many requests all services had, and what they took together, without their instances. */
  counts(dialect: Dialect, atS: number): Promise<Sample[]> {
    return this.#sums([...dialect.by, ...dialect.routeBy], this.#select(metricsOf(dialect, false)), atS);
  }

  /** The same without their times, and by route or not. */
  counters(dialect: Dialect, byRoute: boolean, atS: number): Promise<Sample[]> {
    const by = [...dialect.by, ...(byRoute ? dialect.routeBy : [])];
    return this.#sums(by, this.#select(dialect.counters), atS);
  }

  /** How long the requests of one side took. */
  times(dialect: Dialect, { side, byRoute, peers }: Times, atS: number): Promise<Sample[]> {
    const by = [...dialect.by, ...(byRoute ? dialect.routeBy : []), "le"];
    const names = dialect.histograms.flatMap((name) => [`${name}_bucket`, `${name}_sum`]);
    const matchers = [
      dialect.sides[side],
      ...(peers === undefined ? [] : [anyOf(dialect.peerLabel!, peers)]),
    ];
    return this.#sums(by, this.#select(names, matchers), atS);
  }

  #sums(by: readonly string[], series: string, atS: number): Promise<Sample[]> {
    return this.#client.instant(`sum by (${["__name__", ...by].join(", ")}) (${series})`, atS);
  }

  /** Since when each process counts. */
  starts(metric: string, atS: number): Promise<Sample[]> {
    return this.#client.instant(this.#select([metric]), atS);
  }

  /** The counters of some services over time. */
  countersOverTime(dialect: Dialect, wanted: Wanted, time: Steps): Promise<Points[]> {
    return this.#overTime(dialect.counters, wanted, time);
  }

  /** What the processes of some services had over time. */
  resourcesOverTime(wanted: Wanted, time: Steps): Promise<Points[]> {
    return this.#overTime(RESOURCES, wanted, time);
  }

  #overTime(names: readonly string[], wanted: Wanted, { fromS, toS, stepS }: Steps): Promise<Points[]> {
    return this.#client.range(this.#ofServices(names, wanted), fromS, toS, stepS);
  }

  /** Requests of some services that failed, as examples. */
  failed(dialect: Dialect, wanted: Wanted, fromS: number, toS: number): Promise<StoredExemplar[]> {
    return this.#client.exemplars(this.#ofServices(dialect.counters, wanted), fromS, toS);
  }

  /** What the probes of a service say, or of all. */
  health(service: string | undefined, atS: number): Promise<Sample[]> {
    const wanted = service === undefined ? undefined : new Map([["service_name", [service]]]);
    return this.#client.instant(`${this.#ofServices([HEALTH], wanted)} == 1`, atS);
  }

  #select(names: readonly string[], more: readonly Matcher[] = []): string {
    return selector([anyOf("__name__", names), ...more, ...this.#matchers]);
  }

  // A label each, for a service may be named by one label here and by another there.
  #ofServices(names: readonly string[], wanted: Wanted): string {
    if (wanted === undefined) return this.#select(names);
    return [...wanted].map(([label, values]) => this.#select(names, [anyOf(label, values)])).join(" or ");
  }
}

function metricsOf({ counters, histograms, startTime }: Dialect, withBuckets: boolean): string[] {
  const parts = withBuckets ? ["_sum", "_bucket"] : ["_sum"];
  const start = withBuckets && startTime !== undefined ? [startTime] : [];
  return [...counters, ...histograms.flatMap((name) => parts.map((part) => name + part)), ...start];
}

/** Whether a sample is a change, and which. */
export const isChange = ({ __name__ }: Labels): boolean => __name__ === CHANGES;
