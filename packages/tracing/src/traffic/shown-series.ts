import { Durations, type Latencies } from "./durations.ts";
import { OutcomeCounts } from "./outcome-counts.ts";
import type { Series, TrafficSide } from "./series.ts";
import { WINDOWS } from "./slots.ts";

/** Counts that are told under one set of labels. */
export interface ShownCounts {
  readonly side: TrafficSide;
  readonly peer: string;
  readonly route: string;
  readonly outcomes: OutcomeCounts;
}

/** All that a scraper is told of requests. */
export interface Shown {
  readonly counts: readonly ShownCounts[];
  readonly latencies: readonly Pick<Latencies, "side" | "name" | "durations">[];
}

// 17 series each, with one for the rest of each side: 170 of 300.
const NAMED_HISTOGRAMS_MAX = 8;
const COUNTERS_MAX = 100;
// Callers name themselves: each may be a stranger who takes another name each time, and a store keeps all names it saw.
const CALLERS_MAX = 16;
// What has a name keeps it until another is so many times as busy.
const STAYS = 2;
// What is counted elsewhere has told no classes yet.
const ROWS_OF_NEW = 3;
const KEPT_MAX = 2_000;
const OTHER = "_other";
const LONGEST = WINDOWS.length - 1;
const LONGEST_MS = WINDOWS[LONGEST]!.windowS * 1_000;

/**
 * Which of a thousand series a scraper is told by name: at most 100 counters and ten histograms. What fails comes first,
 * then what is busy; the others are counted together, callers before routes. A counter only grows, so what was told under
 * one name is never moved to another: from then on it is counted there.
 */
export class ShownSeries {
  readonly #clean: (text: string) => string;
  readonly #latencies = { server: new Map<string, Latencies>(), client: new Map<string, Latencies>() };
  readonly #restLatencies = { server: new Durations(), client: new Durations() };
  /** By side, peer and route of what is told together. */
  readonly #rests = new Map<string, ShownCounts>();
  #isFolded = false;
  /** The callers that are told by name. */
  #callers: ReadonlySet<string> = new Set();

  /** @param clean takes secrets out of classes */
  constructor(clean: (text: string) => string) {
    this.#clean = clean;
  }

  /** Counts of a new series. */
  newOutcomes(): OutcomeCounts {
    return new OutcomeCounts(this.#clean);
  }

  /** Where a series counts its latencies; `all` are the series there are. */
  latenciesOf(side: TrafficSide, peer: string, route: string, all: () => Iterable<Series>): Latencies {
    const name = side === "server" ? route : peer;
    const known = this.#latencies[side].get(name);
    if (known !== undefined) return known;
    if (this.#latencies[side].size >= KEPT_MAX) this.#forget(side, all());
    const durations = name === OTHER ? this.#restLatencies[side] : new Durations();
    const latencies: Latencies = { side, name, durations };
    this.#latencies[side].set(name, latencies);
    return latencies;
  }

  /** Chooses what is told by name from now on, and tells it. */
  choose(all: readonly Series[], nowMs: number): Shown {
    for (const side of ["server", "client"] as const) this.#forget(side, all);
    const busy = new Map(all.map((one) => [one, busyness(one, nowMs)]));
    const latencies = this.#chooseLatencies(busy);
    const counts = this.#chooseCounts(all, busy, nowMs, latencies);
    for (const { outcomes } of counts) outcomes.markSeen();
    for (const { durations } of latencies) durations.markSeen();
    return { counts, latencies };
  }

  /** Latencies of which no series is left are told no more. */
  #forget(side: TrafficSide, all: Iterable<Series>): void {
    const used = new Set<Latencies>();
    for (const { latencies } of all) used.add(latencies);
    for (const [name, one] of this.#latencies[side]) {
      if (used.has(one)) continue;
      this.#latencies[side].delete(name);
      this.#tellWithRest(one);
    }
  }

  #chooseLatencies(busy: ReadonlyMap<Series, number>): Shown["latencies"] {
    const named = [...this.#latencies.server.values(), ...this.#latencies.client.values()].filter(
      ({ name }) => name !== OTHER,
    );
    const requests = new Map<Latencies, number>();
    for (const [one, count] of busy) requests.set(one.latencies, (requests.get(one.latencies) ?? 0) + count);
    const rank = (one: Latencies): number => (requests.get(one) ?? 0) * (this.#isRest(one) ? 1 : STAYS);
    const sorted = named.toSorted((a, b) => rank(b) - rank(a));
    const shown = sorted.slice(0, NAMED_HISTOGRAMS_MAX);
    for (const one of shown) if (this.#isRest(one)) one.durations = new Durations();
    for (const one of sorted.slice(NAMED_HISTOGRAMS_MAX)) {
      this.#tellWithRest(one);
      one.durations = this.#restLatencies[one.side];
    }
    const rests = (["server", "client"] as const).flatMap((side) => {
      const durations = this.#restLatencies[side];
      return durations.count === 0 ? [] : [{ side, name: OTHER, durations }];
    });
    return [...shown, ...rests];
  }

  readonly #isRest = ({ side, durations }: Latencies): boolean => durations === this.#restLatencies[side];

  /** What nobody has seen yet is not lost. */
  #tellWithRest(one: Latencies): void {
    if (!this.#isRest(one)) this.#restLatencies[one.side].absorb(one.durations);
  }

  #chooseCounts(
    all: readonly Series[],
    busy: ReadonlyMap<Series, number>,
    nowMs: number,
    latencies: Shown["latencies"],
  ): ShownCounts[] {
    const isStranger = this.#chooseCallers(all, busy);
    if (!this.#isFolded && rowsOf(all) <= COUNTERS_MAX && !all.some(isStranger)) return [...all];
    this.#isFolded = true;
    const named = new Set(latencies.map(({ side, name }) => `${side} ${name}`));
    const failed = (one: Series): number => Number(one.failed(nowMs, LONGEST_MS));
    const rank = (one: Series): number => busy.get(one)! * (one.outcomes.isShared ? 1 : STAYS);
    const sorted = all.toSorted((a, b) => failed(b) - failed(a) || rank(b) - rank(a));
    let left = COUNTERS_MAX - rowsOf([...this.#rests.values()]);
    const own: Series[] = [];
    const rests = new Set<string>();
    for (const one of sorted) {
      const rest = restOf(one, named);
      // The table's own `_other` has the same labels.
      const isRest = one.peer === rest.peer && one.route === rest.route;
      const isTold = !isRest && !isStranger(one);
      left -= isTold ? (one.outcomes.isShared ? ROWS_OF_NEW : one.outcomes.rows.length) : 0;
      if (left < 0 || !isTold) rests.add(this.#fold(one, rest, isRest));
      else {
        if (one.outcomes.isShared) one.outcomes = this.newOutcomes();
        own.push(one);
      }
    }
    // Folding may have made rows of its own.
    while (own.length > 0 && rowsOf([...own, ...this.#rests.values()]) > COUNTERS_MAX) {
      const last = own.pop()!;
      rests.add(this.#fold(last, restOf(last, named), false));
    }
    for (const [key, { outcomes }] of this.#rests) {
      if (!rests.has(key) && !outcomes.hasUnseen) this.#rests.delete(key);
    }
    return [...own, ...this.#rests.values()];
  }

  /** Sixteen callers have names: whoever has one keeps it as long as it asks. Returns whether a series is of another. */
  #chooseCallers(all: readonly Series[], busy: ReadonlyMap<Series, number>): (one: Series) => boolean {
    const requests = new Map<string, number>();
    for (const { side, peer } of all) if (side === "server" && peer !== OTHER) requests.set(peer, 0);
    for (const [{ side, peer }, count] of busy) {
      if (side === "server" && peer !== OTHER) requests.set(peer, requests.get(peer)! + count);
    }
    const kept = [...this.#callers].filter((peer) => (requests.get(peer) ?? 0) > 0);
    const others = [...requests].filter(([peer]) => !kept.includes(peer)).toSorted(([, a], [, b]) => b - a);
    this.#callers = new Set([...kept, ...others.map(([peer]) => peer)].slice(0, CALLERS_MAX));
    return ({ side, peer }) => side === "server" && peer !== OTHER && !this.#callers.has(peer);
  }

  /** From now on a series is counted with the rest. Returns the rest's key. */
  #fold(one: Series, labels: Omit<ShownCounts, "outcomes">, isRest: boolean): string {
    const key = JSON.stringify([labels.side, labels.peer, labels.route]);
    const known = this.#rests.get(key);
    const isOwn = isRest && !one.outcomes.isShared;
    const outcomes = known?.outcomes ?? (isOwn ? one.outcomes : this.newOutcomes());
    if (known === undefined) this.#rests.set(key, { ...labels, outcomes });
    if (one.outcomes !== outcomes) outcomes.absorb(one.outcomes);
    outcomes.isShared = true;
    one.outcomes = outcomes;
    return key;
  }
}

const rowsOf = (list: readonly Pick<ShownCounts, "outcomes">[]): number =>
  list.reduce((sum, { outcomes }) => sum + outcomes.rows.length, 0);

/** With what a series is counted that is not told by name: the other callers of its route, or the rest of its side. */
function restOf({ side, peer, route }: Series, named: ReadonlySet<string>): Omit<ShownCounts, "outcomes"> {
  const isNamed = named.has(`${side} ${side === "server" ? route : peer}`);
  return side === "server"
    ? { side, peer: OTHER, route: isNamed ? route : OTHER }
    : { side, peer: isNamed ? peer : OTHER, route: OTHER };
}

function busyness(one: Series, nowMs: number): number {
  const { successes, failures, aborted } = one.totals(LONGEST, nowMs);
  return successes + failures + aborted;
}
