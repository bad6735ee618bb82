import type { ResourceWindow, Waits } from "../sources/live/resources.ts";
import type { Instance } from "../sources/live/survey.ts";

/** What of a process makes its requests wait. */
export type CauseKind =
  | "memory"
  | "garbage-collection"
  | "cpu-limit"
  | "event-loop"
  | "pool"
  | "sockets"
  | "cpu";

/** Why a culprit is slow, as its own process tells it. */
export interface Cause {
  readonly kind: CauseKind;
  /** The address of the instance. */
  readonly instance: string;
  /** In words: `the event loop stands still: busy 97 % of the time, a timer came up to 130 ms late`. */
  readonly told: string;
}

const LONGEST_WINDOW = 600;
// Fewer looks than this are no window, and no past.
const MIN_SECONDS = 2;
const MIN_PAST_SECONDS = 5;
// What was so before is no cause of what is new. Where there was much already, half as much again cannot be: there it is
// new that half of what was left is gone.
const TIMES_MORE = 1.5;
const OF_REST = 0.5;
const MUCH_MORE = 0.2;

const FULL_HEAP = 0.8;
const FULL_MEMORY = 0.9;
const MUCH_GC = 0.12;
const GC_OF_BUSY = 0.15;
const THROTTLED = 0.1;
const THROTTLED_OF_BUSY = 0.2;
const BUSY = 0.85;
const HALF_BUSY = 0.5;
const OFTEN_BUSY = 0.2;
const LATE_MS = 40;
const QUEUED = 0.3;
const QUEUED_OF_BUSY = 0.6;
const WAITING = 0.5;

/**
 * Why the requests of this process wait, the most telling first; nothing where it does not tell, or all is well.
 *
 * @param isHeldUp whether its own calls wait: then what there are too few of tells most
 */
export function causesIn({ address, document }: Instance, windowS: number, isHeldUp: boolean): Cause[] {
  const now = document.resources.find((one) => one.windowS === windowS);
  if (now === undefined || now.seconds < MIN_SECONDS) return [];
  const past = pastOf(
    now,
    document.resources.find((one) => one.windowS === LONGEST_WINDOW),
  );
  const isNew = (of: (one: ResourceWindow) => number | null): boolean => {
    if (past === undefined) return true;
    const [share, before] = [of(now) ?? 0, pastShare(past, of)];
    return (
      share >= TIMES_MORE * before || (share - before >= MUCH_MORE && 1 - share <= OF_REST * (1 - before))
    );
  };
  const loop: Rule = ["event-loop", isNew(({ loopShare }) => loopShare) ? standing(now) : null];
  const garbage: Rule = ["garbage-collection", isNew(({ gcShare }) => gcShare) ? muchGarbage(now) : null];
  const limit: Rule = ["cpu-limit", isNew((one) => one.throttledShare) ? throttled(now) : null];
  const waitsWhere = (isMeant: (one: Waits) => boolean): Rule[] =>
    now.waits.filter(isMeant).map((one) => [one.kind === "pool" ? "pool" : "sockets", waitsText(one)]);
  const waits = waitsWhere(() => true);
  // A loop or a collection that may not run is no less busy for it: what keeps it from running then tells more.
  const isMostOfBusy = (share: number | null): boolean => (share ?? 0) >= QUEUED_OF_BUSY * now.loopShare;
  const rules: readonly Rule[] = [
    ...waitsWhere(({ size }) => isHeldUp && size !== null),
    ["memory", fullMemory(now)],
    ...(isMostOfBusy(now.throttledShare) ? [limit, garbage] : [garbage, limit]),
    ...(isMostOfBusy(now.queuedShare) ? [...waits, loop] : [loop, ...waits]),
    ["cpu", isNew((one) => one.queuedShare) ? queued(now) : null],
  ];
  return rules.flatMap(([kind, told]) => (told === null ? [] : [{ kind, instance: address, told }]));
}

/** A cause, and what is told of it where it is one. */
type Rule = readonly [kind: CauseKind, told: string | null];

/** The ten minutes without the window in question; undefined where they hold no more than that. */
interface Past {
  readonly whole: ResourceWindow;
  readonly part: ResourceWindow;
}

const pastOf = (part: ResourceWindow, whole: ResourceWindow | undefined): Past | undefined =>
  whole !== undefined && whole.seconds - part.seconds >= MIN_PAST_SECONDS ? { whole, part } : undefined;

function pastShare({ whole, part }: Past, of: (one: ResourceWindow) => number | null): number {
  const left = (of(whole) ?? 0) * whole.seconds - (of(part) ?? 0) * part.seconds;
  return Math.max(0, left / (whole.seconds - part.seconds));
}

function fullMemory(now: ResourceWindow): string | null {
  const { heapBytes, heapLimitBytes, rssBytes, rssLimitBytes, gcShare } = now;
  if (heapLimitBytes !== null && heapBytes >= FULL_HEAP * heapLimitBytes && gcShare >= MUCH_GC / 2) {
    return `the heap is full: ${ofBytes(heapBytes, heapLimitBytes)}, and garbage collection takes ${percent(gcShare)} of the time`;
  }
  if (rssLimitBytes !== null && rssBytes >= FULL_MEMORY * rssLimitBytes) {
    return `memory is at its limit: ${ofBytes(rssBytes, rssLimitBytes)}`;
  }
  return null;
}

function muchGarbage({ gcShare, gcLongestMs, loopShare }: ResourceWindow): string | null {
  if (gcShare < MUCH_GC || gcShare < GC_OF_BUSY * loopShare) return null;
  return `garbage collection takes ${percent(gcShare)} of the time, up to ${Math.round(gcLongestMs)} ms at once`;
}

function throttled({ throttledShare, cpuLimit, loopShare }: ResourceWindow): string | null {
  if (throttledShare === null || throttledShare < THROTTLED || throttledShare < THROTTLED_OF_BUSY * loopShare)
    return null;
  const limit = cpuLimit === null ? "its CPU limit" : `its limit of ${Number(cpuLimit.toFixed(2))} CPU`;
  return `${limit} keeps it from running ${percent(throttledShare)} of the time`;
}

function standing({ loopShare, delayMaxMs }: ResourceWindow): string | null {
  // How late a timer comes is looked at once a second: the busier the loop is, the less late it needs to have been seen.
  const isStanding =
    loopShare >= BUSY ||
    (loopShare >= HALF_BUSY && delayMaxMs >= LATE_MS) ||
    (loopShare >= OFTEN_BUSY && delayMaxMs >= 2 * LATE_MS);
  if (!isStanding) return null;
  const busy = `busy ${percent(loopShare)} of the time`;
  if (delayMaxMs < LATE_MS) return `the event loop has no time left: ${busy}`;
  return `the event loop stands still: ${busy}, a timer came up to ${Math.round(delayMaxMs)} ms late`;
}

function queued({ queuedShare, loopShare }: ResourceWindow): string | null {
  if (queuedShare === null || queuedShare < QUEUED || queuedShare < QUEUED_OF_BUSY * loopShare) return null;
  return `it waits for a CPU ${percent(queuedShare)} of the time`;
}

/** Why calls wait, where enough of them do. */
function waitsText({ kind, name, waiting, size }: Waits): string | null {
  if (waiting < WAITING) return null;
  const what = kind === "pool" ? `a connection of the pool ${name}` : `a socket to ${name}`;
  const of = size === null ? "" : `, of which there ${size === 1 ? "is 1" : `are ${size}`}`;
  return `requests wait for ${what}${of}: ${Number(waiting.toFixed(1))} at a time`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const ofBytes = (some: number, all: number): string => `${megabytes(some)} of ${megabytes(all)} MB`;
const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
