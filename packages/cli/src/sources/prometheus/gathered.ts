import type { Series } from "../live/traffic-document.ts";
import type { Sample } from "./client.ts";
import type { Dialect, SeriesNames } from "./dialects.ts";
import type { Labels } from "./known-labels.ts";
import { addUpSeries, keyOf, type Process } from "./processes.ts";
import { seriesByInstance } from "./series.ts";

/** The name of a process among those of its service. */
type NameOf = (names: SeriesNames) => string;

export const instanceName: NameOf = ({ instance }) => instance;
/** Sums know no instances, only versions. */
export const versionOf: NameOf = ({ version }) => version ?? "";

/** What is known of processes so far, by what one naming of metrics tells. */
export class Gathered {
  readonly processes: Map<string, Process> = new Map();
  readonly #dialect: Dialect;
  /** Who alone is added from now on; undefined: all. */
  #only: ReadonlySet<string> | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Forgets what is known of these services, and takes in nobody else from now on. */
  beginAnew(only: ReadonlySet<string>): void {
    this.#only = only;
    for (const [key, { service }] of this.processes) if (only.has(service)) this.processes.delete(key);
  }

  readonly read = (labels: Labels): SeriesNames | null => this.#dialect.read({ side: "server", ...labels });

  readonly processOf = (labels: Labels): string => {
    const names = this.read(labels);
    return names === null ? "" : keyOf(names);
  };

  readonly serviceOf = (labels: Labels): string => this.read(labels)?.service ?? "";

  /** What was counted in a window. */
  add(all: readonly Sample[], windowS: number, nameOf: NameOf): void {
    const grown = this.#ofWanted(all);
    const keyed = (names: SeriesNames): string => keyOf({ ...names, instance: nameOf(names) });
    for (const { labels } of grown) {
      const names = this.#dialect.read(labels);
      if (names === null || this.processes.has(keyed(names))) continue;
      const { service, version } = names;
      this.processes.set(keyed(names), {
        ...{ service, version, labels, instance: nameOf(names), startS: undefined },
        ...{ series: [], baseline: [], changes: [], resources: [] },
      });
    }
    for (const [key, series] of seriesByInstance(grown, this.#dialect, windowS, keyed)) {
      this.processes.get(key)?.series.push(...series);
    }
  }

  // Of a caller that is not wanted only what it asked of one that is may be there.
  #ofWanted(samples: readonly Sample[]): readonly Sample[] {
    const only = this.#only;
    return only === undefined ? samples : samples.filter(({ labels }) => only.has(this.serviceOf(labels)));
  }

  /** The past of a service, told by those of its processes that were there, else by the first that is there now. */
  addPast(all: readonly Sample[], windowS: number, nameOf: NameOf): void {
    const grown = this.#ofWanted(all);
    const keyed = (names: SeriesNames): string => keyOf({ ...names, instance: nameOf(names) });
    for (const [key, series] of seriesByInstance(grown, this.#dialect, windowS, keyed)) {
      const [service] = key.split("\0");
      const heir =
        this.processes.get(key) ?? [...this.processes.values()].find((one) => one.service === service);
      if (heir === undefined) continue;
      const isOther = ({ windowS: other }: Series): boolean => other !== windowS;
      const same = heir.baseline.filter((one) => !isOther(one));
      heir.baseline = [...heir.baseline.filter(isOther), ...addUpSeries([...same, ...series], windowS)];
    }
  }

  /** Since when processes count, the earliest of those that are summed: one that began anew is not the age of all. */
  addStarts(starts: readonly Sample[]): void {
    for (const { labels, value } of starts) {
      const names = this.read(labels);
      if (names === null) continue;
      const process = this.processes.get(keyOf({ ...names, instance: versionOf(names) }));
      if (process !== undefined) process.startS = Math.min(process.startS ?? value, value);
    }
  }
}
