import type { Series } from "../live/traffic-document.ts";
import { inQueries, toldByCallersAlone } from "./callers-alone.ts";
import type { Sample } from "./client.ts";
import type { Dialect } from "./dialects.ts";
import { Gathered, instanceName, versionOf } from "./gathered.ts";
import { growthOf } from "./growth.ts";
import type { Labels } from "./known-labels.ts";
import { momentsOf, type Stretch, stretchesOf } from "./moments.ts";
import {
  changesOf,
  failedRequests,
  failingSince,
  type Process,
  resourceWindows,
  seriesKey,
} from "./processes.ts";
import type { Matcher } from "./promql.ts";
import { isChange, type StoreQueries, type Wanted } from "./store-queries.ts";
import { suspectsOf } from "./suspects.ts";

/** Figures of routes as those called saw them, of calls as callers saw them, or of both between two. */
type Figures = "stat" | "calls" | "edges";

/** Figures of all in the window, or what a verdict needs of those who may be at fault. */
export type Need = Figures | "verdict";

/** What a store is asked. */
export interface StoreQuestion {
  readonly windowS: number;
  /** Unix seconds. @default the store's own time */
  readonly atS?: number | undefined;
  /** Which of all series. @default all */
  readonly matchers?: readonly Matcher[] | undefined;
  readonly need: Need;
}

/** What was before the windows; nothing where only the windows are asked about. */
interface Past {
  readonly hour?: Stretch;
  readonly days: readonly Stretch[];
  readonly earlier?: Stretch;
}

// As many as those who may be at fault at the most: during a rollout of all, sums of the rest must do.
const MAX_FALLEN = 60;
// Of more it is quicker to ask for all.
const MAX_PEER_LISTS = 4;
// As a process's own memory of a day has it, which what was counted first fills: a quarter of it is taken for counted.
const A_DAY_OF_COUNTED = 4;
const BACK_S = 3_600;
const STEP_S = 30;

/** What one naming of metrics tells. */
export class Telling {
  readonly #queries: StoreQueries;
  readonly #dialect: Dialect;
  readonly #question: StoreQuestion;
  readonly #atS: number;
  readonly #gathered: Gathered;
  #wanted: Wanted;
  /** Whose sums fell, and tell nothing. */
  readonly #fallen = new Set<string>();

  constructor(queries: StoreQueries, dialect: Dialect, question: StoreQuestion, atS: number) {
    this.#queries = queries;
    this.#dialect = dialect;
    this.#gathered = new Gathered(dialect);
    this.#question = question;
    this.#atS = atS;
  }

  async tell(isLarge: boolean): Promise<ReadonlyMap<string, Process>> {
    const { need, windowS } = this.#question;
    const { windows, hour, days, earlier } = stretchesOf(this.#atS, windowS);
    if (need !== "verdict") {
      const window = windows.get(windowS)!;
      if (isLarge) await this.#tellFigures(windowS, window, need);
      if (!isLarge || this.#wanted !== undefined)
        await this.#tellAll(new Map([[windowS, window]]), { days: [] });
      return this.#gathered.processes;
    }
    const past = isLarge ? await this.#findWanted(windows, hour, days) : days;
    if (isLarge && this.#wanted === undefined) return this.#gathered.processes;
    await this.#tellAll(windows, { hour, days: past, earlier });
    await this.#tellMore(windows);
    return this.#gathered.processes;
  }

  /** Sums of all services, and only the times that are shown. */
  async #tellFigures(windowS: number, { fromS, toS }: Stretch, need: Figures): Promise<void> {
    const byRoute = need !== "edges";
    const growth = async (ask: (atS: number) => Promise<Sample[]>): Promise<Sample[]> => {
      const [before, after] = await Promise.all([fromS, toS].map(ask));
      return this.#sumsGrown(before!, after!, fromS);
    };
    const times = (side: "server" | "client", peers?: readonly string[]): Promise<Sample[]> =>
      growth((atS) => this.#queries.times(this.#dialect, { side, byRoute, peers }, atS));
    const [counts, timed, starts] = await Promise.all([
      growth((atS) => this.#queries.counters(this.#dialect, byRoute, atS)),
      times(need === "calls" ? "client" : "server"),
      this.#startsOfAll(),
    ]);
    const ofCallers = need === "edges" ? await this.#timesOfCallers(counts, times) : [];
    this.#gathered.add([counts, timed, ofCallers].flat(), windowS, versionOf);
    this.#gathered.addStarts(starts);
    this.#wantOnly(this.#fallen);
  }

  /** How long callers' requests took to those of whom nobody else tells. */
  async #timesOfCallers(
    counts: readonly Sample[],
    times: (side: "client", peers?: readonly string[]) => Promise<Sample[]>,
  ): Promise<Sample[]> {
    if (this.#dialect.peerLabel === undefined) return times("client");
    const lists = inQueries(toldByCallersAlone(counts, this.#dialect));
    if (lists.length > MAX_PEER_LISTS) return times("client");
    return (await Promise.all(lists.map((peers) => times("client", peers)))).flat();
  }

  /** Sums of all services; those who may be at fault are wanted one by one from then on. Returns the days there are. */
  async #findWanted(
    windows: ReadonlyMap<number, Stretch>,
    hour: Stretch,
    days: readonly Stretch[],
  ): Promise<readonly Stretch[]> {
    const [lastDay] = days as [Stretch];
    const [sums, starts] = await Promise.all([
      this.#countsAt(momentsOf([...windows.values(), lastDay])),
      this.#startsOfAll(),
    ]);
    const yesterday = this.#grownBetween(sums, lastDay);
    const past =
      yesterday.length > 0 ? yesterday : this.#grownBetween(await this.#countsAt(momentsOf([hour])), hour);
    // Which sums fell in the past is no news.
    this.#fallen.clear();
    for (const [windowS, stretch] of windows)
      this.#gathered.add(this.#grownBetween(sums, stretch), windowS, versionOf);
    this.#gathered.addPast(past, DAY_S, versionOf);
    this.#gathered.addStarts(starts);
    this.#wantOnly(new Set([...suspectsOf([...this.#gathered.processes.values()]), ...this.#fallen]));
    return yesterday.length > 0 ? days : [];
  }

  async #countsAt(moments: readonly number[]): Promise<ReadonlyMap<number, Sample[]>> {
    const answers = await Promise.all(moments.map((atS) => this.#queries.counts(this.#dialect, atS)));
    return new Map(moments.map((atS, i) => [atS, answers[i]!]));
  }

  #grownBetween(sums: ReadonlyMap<number, readonly Sample[]>, { fromS, toS }: Stretch): Sample[] {
    return this.#sumsGrown(sums.get(fromS)!, sums.get(toS)!, fromS);
  }

  #sumsGrown(before: readonly Sample[], after: readonly Sample[], fromS: number): Sample[] {
    const onFallenSum = (labels: Labels): void => {
      const service = this.#gathered.serviceOf(labels);
      if (service !== "" && this.#fallen.size < MAX_FALLEN) this.#fallen.add(service);
    };
    const since = { fromS, starts: undefined, instanceOf: this.#gathered.serviceOf, onFallenSum };
    return growthOf(before, after, since);
  }

  /** From now on these services are told one by one, and nobody else. */
  #wantOnly(services: ReadonlySet<string>): void {
    this.#wanted = this.#ofServices(services);
    this.#gathered.beginAnew(services);
  }

  /** By which labels some services are found. */
  #ofServices(services: ReadonlySet<string>): Wanted {
    const told = [...this.#gathered.processes.values()];
    const wanted = new Map<string, string[]>();
    for (const service of services) {
      // Nothing is known of it where all its sums fell.
      const labels = told.find((one) => one.service === service)?.labels ?? {};
      for (const [label, value] of this.#dialect.tellingOf(service, labels)) {
        wanted.set(label, [...(wanted.get(label) ?? []), value]);
      }
    }
    return wanted.size === 0 ? undefined : wanted;
  }

  async #startsOfAll(): Promise<readonly Sample[]> {
    const { startTime } = this.#dialect;
    return startTime === undefined ? [] : this.#queries.starts(startTime, this.#atS);
  }

  /** Each series of each process of those that are wanted. */
  async #tellAll(windows: ReadonlyMap<number, Stretch>, { hour, days, earlier }: Past): Promise<void> {
    const past = [hour, ...days, earlier].filter((one) => one !== undefined);
    const moments = momentsOf([...windows.values(), ...past]);
    const answers = await Promise.all(
      moments.map((atS) => this.#queries.raw(this.#dialect, this.#wanted, atS)),
    );
    const at = new Map(moments.map((atS, i) => [atS, answers[i]!]));
    const { startTime } = this.#dialect;
    const isCount = ({ labels }: Sample): boolean => labels.__name__ !== startTime && !isChange(labels);
    const grown = ({ fromS, toS }: Stretch): Sample[] => {
      const [before, after] = [at.get(fromS)!, at.get(toS)!];
      const starts = startTime === undefined ? undefined : this.#starts(after);
      const since = { fromS, starts, instanceOf: this.#gathered.processOf };
      return growthOf(before.filter(isCount), after.filter(isCount), since);
    };
    for (const [windowS, stretch] of windows) this.#gathered.add(grown(stretch), windowS, instanceName);
    const now = at.get(this.#atS)!;
    for (const [key, startS] of this.#starts(now)) {
      const process = this.#gathered.processes.get(key);
      if (process !== undefined) process.startS = startS;
    }
    const changes = Map.groupBy(
      now.filter(({ labels }) => isChange(labels)),
      ({ labels }) => this.#gathered.processOf(labels),
    );
    for (const [key, all] of changes) {
      const process = this.#gathered.processes.get(key);
      if (process !== undefined) process.changes = changesOf(all);
    }
    if (hour !== undefined) this.#gathered.addPast(grown(hour), HOUR_S, instanceName);
    // Processes of yesterday are gone: what they were like is what their successors are held to.
    if (days.length > 0) this.#gathered.addPast(days.flatMap(grown), DAY_S, instanceName);
    if (earlier === undefined) return;
    // Who was not there yesterday is held to the rest of what it has done: a fault may be older than half of the hour.
    const known = new Set(
      [...this.#gathered.processes.values()].flatMap(({ service, baseline }) =>
        baseline.some((one) => one.windowS === DAY_S) ? [service] : [],
      ),
    );
    const ofOthers = grown(earlier).flatMap(({ labels, value }) =>
      known.has(this.#gathered.serviceOf(labels)) ? [] : [{ labels, value: A_DAY_OF_COUNTED * value }],
    );
    this.#gathered.addPast(ofOthers, DAY_S, instanceName);
  }

  /** What else is known of those that are wanted: since when they fail, examples, and what their processes had. */
  async #tellMore(windows: ReadonlyMap<number, Stretch>): Promise<void> {
    const failing = new Set(
      [...this.#gathered.processes.values()].flatMap(({ service, series }) =>
        series.some(({ failures }) => failures > 0) ? [service] : [],
      ),
    );
    const isFailing = failing.size > 0;
    const hasResources = this.#dialect.startTime !== undefined;
    const longestS = Math.max(...windows.keys());
    const time = { fromS: this.#atS - BACK_S, toS: this.#atS, stepS: STEP_S };
    // Of an hour only the few that fail: what 60 processes had in each minute of it are half a million points.
    const recently = { ...time, fromS: this.#atS - Math.min(BACK_S, longestS) };
    const ofFailing = isFailing ? this.#ofServices(failing) : undefined;
    const [counters, had, exemplars] = await Promise.all([
      isFailing ? this.#queries.countersOverTime(this.#dialect, ofFailing, time) : [],
      hasResources ? this.#queries.resourcesOverTime(this.#wanted, recently) : [],
      isFailing ? this.#queries.failed(this.#dialect, this.#wanted, this.#atS - longestS, this.#atS) : [],
    ]);
    const failed = failedRequests(exemplars, this.#dialect);
    const since = new Map(
      [...failing].map((service) => [service, failingSince(counters, this.#dialect, service, time)]),
    );
    const resources = Map.groupBy(had, ({ labels }) => this.#gathered.processOf(labels));
    for (const [key, process] of this.#gathered.processes) {
      process.series = process.series.map((one): Series => {
        const own = seriesKey(one);
        const began = one.failures > 0 ? since.get(process.service)?.get(own) : undefined;
        return { ...one, failingSince: began ?? null, exemplar: failed.get(`${key}\0${own}`) ?? null };
      });
      process.resources = resourceWindows(resources.get(key) ?? [], windows.keys(), this.#atS);
    }
  }

  #starts(samples: readonly Sample[]): Map<string, number> {
    const { startTime } = this.#dialect;
    const own = samples.filter(({ labels }) => labels.__name__ === startTime && startTime !== undefined);
    return new Map(own.map(({ labels, value }) => [this.#gathered.processOf(labels), value]));
  }
}

const HOUR_S = 3_600;
const DAY_S = 86_400;
