import type { Counts } from "../sources/live/counts.ts";
import { addUp } from "../sources/live/counts.ts";

/**
 * What a culprit does to requests: fails them, refuses (4xx) what its callers need, cannot be reached, does not answer
 * in time, answers later than it used to, is late to be reached (the way to it takes time that it does not see), or
 * (a caller) gives up sooner than its callee ever answered, or lets its own calls wait before anybody sees them.
 */
export type Fault =
  | "errors"
  | "refusals"
  | "unreachable"
  | "timeouts"
  | "slow"
  | "slow-way"
  | "impatient"
  | "held-up";

/** How one caller, route or instance fares. */
export interface Share {
  readonly name: string;
  readonly count: number;
  readonly failures: number;
}

/** Who is accused, and of what. */
export interface Suspect {
  /** A service's name, or the address or the peer name of a callee that has no Whodunit. */
  readonly service: string;
  /** Whether it is a service that told its own side. */
  readonly known: boolean;
  readonly fault: Fault;
  /** The routes concerned, worst first; of an unknown callee what its callers call them. */
  readonly routes: readonly Share[];
  readonly count: number;
  readonly failures: number;
  /** When the present run of failing began, ISO 8601; null where it is not known. */
  readonly since: string | null;
  /** A status, an error's type, or both; for slowness how long it took before and takes now. */
  readonly error: string;
  /** Who calls it and suffers, worst first. */
  readonly callers: readonly Share[];
  /** Traces of failed requests, latest first. */
  readonly traceIds: readonly string[];
  /** Milliseconds of the window that its slowness costs above what is usual; 0 for other faults. */
  readonly extraMs: number;
  /** From how many milliseconds on its requests are late; null for other faults, and of ways. */
  readonly lateMs: number | null;
}

/** Requests of one caller on one route. */
export interface Call {
  readonly caller: string;
  readonly route: string;
  readonly counts: Counts;
}

/** Something that was counted. */
export interface Counted {
  readonly counts: Counts;
}

// Fewer failures than this, or a smaller share above what is usual, accuse nobody.
const MIN_FAILURES = 3;
const MIN_SHARE = 0.01;
// Any network loses some requests: so many of a thousand, and with four standard deviations (Poisson) more, by chance.
const NOISE_SHARE = 0.003;
const DEVIATIONS = 4;

/**
 * Whether so many failures are more than noise.
 *
 * @param usual how many of so many requests have always failed, where that is known
 * @param known from how many requests that is known: of few nobody knows it well
 */
export function isFailing(
  { count, failures }: Pick<Share, "count" | "failures">,
  usual = 0,
  known: number = Number.POSITIVE_INFINITY,
): boolean {
  const noise = Math.max(usual, count * NOISE_SHARE);
  const deviation = Math.sqrt(noise * (1 + count / known));
  return failures >= Math.max(MIN_FAILURES, usual + count * MIN_SHARE, noise + DEVIATIONS * deviation + 1);
}

/** Accuses a service of the failures among these calls; `told` replaces what the calls say of the error. */
export function accuse(
  service: string,
  known: boolean,
  fault: Fault,
  calls: readonly Call[],
  told?: string,
): Suspect {
  const failing = calls.filter(({ counts }) => counts.failures > 0);
  const names = new Set(failing.map(({ route }) => route));
  const concerned = failing.length === 0 ? calls : calls.filter(({ route }) => names.has(route));
  const counts = addUpCounts(concerned);
  const suffering = failing.length === 0 ? concerned : failing;
  return {
    service,
    known,
    fault,
    routes: shares(concerned, ({ route }) => route),
    count: counts.count,
    failures: counts.failures,
    since: counts.failingSince,
    error: told ?? describe(counts),
    callers: sharesOf(suffering, concerned, ({ caller }) => caller),
    traceIds: failedTraces(failing),
    extraMs: 0,
    lateMs: null,
  };
}

/** Adds calls up by name, worst first. */
export function shares<T extends Counted>(calls: readonly T[], nameOf: (call: T) => string): Share[] {
  return [...Map.groupBy(calls, nameOf)]
    .map(([name, all]) => {
      const { count, failures } = total(all);
      return { name, count, failures };
    })
    .sort((a, b) => b.failures - a.failures || b.count - a.count);
}

function sharesOf<T extends Counted>(
  some: readonly T[],
  all: readonly T[],
  nameOf: (call: T) => string,
): Share[] {
  const names = new Set(some.map(nameOf));
  return shares(
    all.filter((call) => names.has(nameOf(call))),
    nameOf,
  );
}

/** Requests and failures of these calls together. */
export function total(calls: readonly Counted[]): { count: number; failures: number; aborted: number } {
  const sum = { count: 0, failures: 0, aborted: 0 };
  for (const { counts } of calls) {
    sum.count += counts.count;
    sum.failures += counts.failures;
    sum.aborted += counts.aborted;
  }
  return sum;
}

/** All of these calls as one. */
export const addUpCounts = (calls: readonly Counted[]): Counts => addUp(calls.map(({ counts }) => counts));

/** Traces of failed requests among these calls, latest first. */
export function failedTraces(calls: readonly Counted[]): string[] {
  return calls
    .flatMap(({ counts: { exemplar } }) => (exemplar?.failed === true ? [exemplar] : []))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .map(({ traceId }) => traceId);
}

// How a request that did not fail ended: a status below 500, or a span of a peer without an error.
const WELL = /^(?:[1-4]xx|ok)$/;

/** The class of most failures; empty where there is none. */
export function mainClass({ classes }: Counts): string {
  const bad = Object.entries(classes).filter(([name, count]) => count > 0 && !WELL.test(name));
  return bad.sort(([, a], [, b]) => b - a)[0]?.[0] ?? "";
}

function describe(counts: Counts): string {
  const { exemplar } = counts;
  if (exemplar?.failed !== true) return mainClass(counts);
  const status = String(exemplar.status);
  return exemplar.error === undefined || exemplar.error === status ? status : `${status} ${exemplar.error}`;
}
