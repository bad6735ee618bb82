import { isRecord } from "../../is-record.ts";
import { readCount } from "./read-count.ts";

/** Who waits for a connection in a process. */
export interface Waits {
  /** `sockets` of an HTTP client, or a `pool`; others may come. */
  readonly kind: string;
  /** Where the sockets lead to (`host:port`), or the pool's name. */
  readonly name: string;
  /** How many wait, on average. */
  readonly waiting: number;
  /** How many connections there may be; null where it is not known. */
  readonly size: number | null;
}

/** What a process had and needed over one window; shares are of the window's time, null where it is not known. */
export interface ResourceWindow {
  readonly windowS: number;
  /** How many seconds of it were looked at. */
  readonly seconds: number;
  readonly loopShare: number;
  /** How late a timer was at most, in milliseconds. */
  readonly delayMaxMs: number;
  readonly gcShare: number;
  readonly gcLongestMs: number;
  readonly cpuLimit: number | null;
  readonly throttledShare: number | null;
  readonly queuedShare: number | null;
  readonly heapBytes: number;
  readonly heapLimitBytes: number | null;
  readonly rssBytes: number;
  readonly rssLimitBytes: number | null;
  readonly waits: readonly Waits[];
}

/** Reads one of `resources`; nothing where it makes no sense. */
export function readResources(value: unknown): ResourceWindow[] {
  if (!isRecord(value) || readCount(value.seconds) === 0) return [];
  const { eventLoop, gc, cpu, memory, waits } = value;
  if (![eventLoop, gc, cpu, memory].every(isRecord)) return [];
  const [loop, collection, processor, bytes] = [eventLoop, gc, cpu, memory] as Record<string, unknown>[];
  const delay = isRecord(loop!.delayMs) ? loop!.delayMs : {};
  return [
    {
      windowS: readCount(value.windowS),
      seconds: readCount(value.seconds),
      loopShare: readCount(loop!.utilization),
      delayMaxMs: readCount(delay.max),
      gcShare: readCount(collection!.share),
      gcLongestMs: readCount(collection!.longestMs),
      cpuLimit: orNull(processor!.limit),
      throttledShare: orNull(processor!.throttled),
      queuedShare: orNull(processor!.queued),
      heapBytes: readCount(bytes!.heapBytes),
      heapLimitBytes: orNull(bytes!.heapLimitBytes),
      rssBytes: readCount(bytes!.rssBytes),
      rssLimitBytes: orNull(bytes!.rssLimitBytes),
      waits: Array.isArray(waits) ? waits.flatMap(readWaits) : [],
    },
  ];
}

function readWaits(value: unknown): Waits[] {
  if (!isRecord(value) || typeof value.kind !== "string" || typeof value.name !== "string") return [];
  const { kind, name } = value;
  return [{ kind, name, waiting: readCount(value.waiting), size: orNull(value.size) }];
}

// A limit of nothing is none.
const orNull = (value: unknown): number | null => readCount(value) || null;
