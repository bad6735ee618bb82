import { tellSlower } from "../investigate/slower.ts";
import { isFailing } from "../investigate/suspect.ts";
import { addUp, type Counts } from "../sources/live/counts.ts";
import { type Counted, countedIn, type Figures, figuresOf } from "../sources/live/figures.ts";
import type { Instance, Service } from "../sources/live/survey.ts";
import { type Reached, reachedIn } from "../sources/reached.ts";
import { askSource, type SourceOptions } from "../sources/source.ts";

/** One route of one version of a service. */
export interface VersionRow extends Figures {
  readonly name: string;
  readonly version: string;
  readonly route: string;
}

/** What is worse with a version than with those that it is to replace. */
export interface VersionFinding {
  readonly name: string;
  /** The version that started last. */
  readonly version: string;
  /** The others that run. */
  readonly than: readonly string[];
  readonly route: string;
  /** In words: `33 of 100 requests fail where 0.1 % do`. */
  readonly what: string;
}

/** Versions that run side by side. */
export interface VersionComparison extends Reached {
  readonly windowS: number;
  readonly rows: readonly VersionRow[];
  readonly worse: readonly VersionFinding[];
  /** Why a service cannot be judged: one version only, or too few requests. In words. */
  readonly undecided: readonly string[];
}

// Fewer requests of the new version than this are too few to let it through.
const MIN_REQUESTS = 20;

/**
 * Asks the services at `urls`, or a store, how their versions fare side by side. The version whose process started last is compared
 * with the others, by the same measures by which `investigate` accuses.
 */
export async function compareVersions(
  urls: readonly string[],
  options: SourceOptions = {},
): Promise<VersionComparison> {
  const windowS = options.windowS ?? 60;
  const { survey: asked } = await askSource(urls, { ...options, discover: false }, "stat");
  const judged = asked.services.map((service) => judge(service, windowS));
  return {
    windowS,
    rows: judged.flatMap(({ rows }) => rows),
    worse: judged.flatMap(({ worse }) => worse),
    undecided: judged.flatMap(({ undecided }) => undecided),
    ...reachedIn(asked),
  };
}

const versionOf = ({ document }: Instance): string => document.version ?? "unknown";

function judge(service: Service, windowS: number): Pick<VersionComparison, "rows" | "worse" | "undecided"> {
  const { name } = service;
  const latest = service.instances.toSorted((a, b) => startOf(b) - startOf(a))[0]!;
  const version = versionOf(latest);
  const byVersion = Map.groupBy(service.instances, versionOf);
  const rows = [...byVersion].flatMap(([one, instances]) =>
    [...routesOf(instances, windowS)].map(([route, counted]) => {
      return { name, version: one, route, ...figuresOf(counted) };
    }),
  );
  const than = [...byVersion.keys()].filter((one) => one !== version);
  if (than.length === 0) return { rows, worse: [], undecided: [`${name}: only version ${version} runs`] };
  const own = routesOf(byVersion.get(version)!, windowS);
  const others = routesOf(
    service.instances.filter((one) => versionOf(one) !== version),
    windowS,
  );
  const worse = [...own].flatMap(([route, counted]): VersionFinding[] => {
    const what = tellWorse(sumOf(counted), sumOf(others.get(route) ?? []), own.size);
    return what === null ? [] : [{ name, version, than, route, what }];
  });
  const requests = sumOf([...own.values()].flat()).count;
  const few = worse.length === 0 && requests < MIN_REQUESTS;
  const undecided = few
    ? [`${name}: ${requests} requests of version ${version} are too few to judge it`]
    : [];
  return { rows: rows.toSorted(byRoute), worse, undecided };
}

const startOf = ({ document }: Instance): number => Date.parse(document.startedAt) || 0;

const byRoute = (a: VersionRow, b: VersionRow): number =>
  a.route < b.route ? -1 : a.route > b.route ? 1 : a.version < b.version ? -1 : 1;

function routesOf(instances: readonly Instance[], windowS: number): Map<string, Counted[]> {
  const counted = instances.flatMap(({ document }) => countedIn(document, windowS));
  return Map.groupBy(
    counted.filter(({ series }) => series.side === "server"),
    ({ series }) => series.route,
  );
}

const sumOf = (counted: readonly Counted[]): Counts => addUp(counted.map(({ series }) => series));

function tellWorse(own: Counts, others: Counts, routes: number): string | null {
  const share = others.count === 0 ? 0 : others.failures / others.count;
  if (isFailing(own, share * own.count)) {
    const usual = `${Number((100 * share).toFixed(1))} %`;
    return `${own.failures} of ${own.count} requests fail where ${usual} do`;
  }
  const was = { counts: others, remembered: true, lastsS: Number.POSITIVE_INFINITY, among: routes };
  return tellSlower(own, was)?.text ?? null;
}
