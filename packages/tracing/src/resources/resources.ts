import { totalmem } from "node:os";
import { type EventLoopUtilization, PerformanceObserver, performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import { reportFault } from "@whodunit/core";
import type { Clock } from "../running/system-clock.ts";
import type { WindowSeconds } from "../traffic/slots.ts";
import { findCpuGroup } from "./cgroup.ts";
import { KernelFiles } from "./kernel-files.ts";
import { type OldGeneration, readOldGeneration } from "./old-generation.ts";
import { queuedMs } from "./run-queue.ts";
import { type Measure, SampleRing, WINDOWS_S } from "./sample-ring.ts";
import { lookWhoWaits, type Waits, WaitWindows } from "./waits.ts";

/** What the process had and needed over one window. Shares are of the window's time. */
export interface ResourceWindow {
  readonly windowS: WindowSeconds;
  /** How many seconds of the window were looked at. */
  readonly seconds: number;
  readonly eventLoop: {
    /** The share of time in which it was not waiting for anything. */
    readonly utilization: number;
    /** How much later than due a timer was, looked at once a second, in milliseconds: on average, and the most. */
    readonly delayMs: { readonly mean: number; readonly max: number };
  };
  /** Garbage collection: its share of the time, and the longest pause in milliseconds. */
  readonly gc: { readonly share: number; readonly longestMs: number };
  readonly cpu: {
    /** CPUs that the process used. */
    readonly used: number;
    /** How many it may use; null where nothing limits it. */
    readonly limit: number | null;
    /** The share of time in which its group was kept from running, for its limit; null where the system does not tell. */
    readonly throttled: number | null;
    /** The share of time in which the event loop was ready and had no CPU; null where the system does not tell. */
    readonly queued: number | null;
  };
  /**
   * Bytes at the last look: of the heap what lives long (the old generation), at whose limit the process ends, and what is
   * resident; null where no limit is below the machine's memory. The limit of what is resident may be ten looks old.
   */
  readonly memory: {
    readonly heapBytes: number;
    readonly heapLimitBytes: number;
    readonly rssBytes: number;
    readonly rssLimitBytes: number | null;
  };
  /** Who waits for sockets and pools, the most waited for first. */
  readonly waits: readonly Waits[];
}

// A timer of an even second comes between the same requests again and again where those take a part of a second, and sees
// no wait at all. So it is up to a quarter more, by steps of the golden ratio, which fill the quarter evenly.
const EVERY_MS = 1_000;
const SPREAD_MS = 250;
// Node looks through several files of the kernel's for the limit, and it hardly ever changes.
const LOOKS_PER_LIMIT = 10;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Looks once a second at what the process has and needs. No request pays for it: what is counted elsewhere (by the
 * kernel, V8, the event loop) is only read. One timer, which keeps no process alive.
 */
export class Resources {
  readonly #clock: Clock;
  readonly #clean: (text: string) => string;
  readonly #ring = new SampleRing();
  readonly #waits = new WaitWindows();
  readonly #files = new KernelFiles();
  readonly #readGroup: ReturnType<typeof findCpuGroup>;
  // Made with the first look, a second after the start.
  #readOldGeneration: (() => OldGeneration) | undefined;
  #collections: PerformanceObserver | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = EVERY_MS;
  #step = 0;
  #looks = 0;
  #rssLimitBytes = Number.NaN;
  #gcMs = 0;
  #gcLongestMs = 0;
  #loop: EventLoopUtilization = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #atMs = performance.now();
  #queuedMs: number | undefined;
  #throttledMs: number | undefined;

  /**
   * @param clock dates the samples; what is measured is of the system
   * @param clean takes secrets out of names
   */
  constructor(clock: Clock, clean: (text: string) => string) {
    this.#clock = clock;
    this.#clean = clean;
    this.#readGroup = findCpuGroup(this.#files.read);
    // Of those that were looked through for the group, few are read on.
    this.#files.close();
  }

  start(): void {
    this.#queuedMs = queuedMs(this.#files.read);
    this.#throttledMs = this.#readGroup?.()?.throttledMs;
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.#gcMs += duration;
        this.#gcLongestMs = Math.max(this.#gcLongestMs, duration);
      }
    });
    this.#collections.observe({ entryTypes: ["gc"] });
    this.#wait();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#collections?.disconnect();
    this.#files.close();
  }

  /** What the windows hold; none before the first second is over. */
  read(): ResourceWindow[] {
    const nowMs = this.#clock.monotonicMs();
    return WINDOWS_S.flatMap((windowS) => {
      const samples = this.#ring.window(windowS, nowMs);
      if (samples === undefined) return [];
      const waits = this.#waits.read(windowS, nowMs, samples.elapsedMs.length);
      const shown = waits.map(({ name, ...one }) => ({ ...one, name: this.#clean(name) }));
      return [{ windowS, ...inWindow(samples), waits: shown }];
    });
  }

  #wait(): void {
    this.#step = (this.#step + GOLDEN) % 1;
    this.#dueMs = Math.round(EVERY_MS + SPREAD_MS * this.#step);
    this.#timer = setTimeout(() => this.#look(), this.#dueMs).unref();
  }

  #look(): void {
    try {
      const nowMs = this.#clock.monotonicMs();
      this.#waits.add(nowMs, lookWhoWaits(performance.now() - this.#atMs));
      this.#sample(nowMs);
    } catch (error) {
      reportFault("WHODUNIT_RESOURCES", error);
    }
    this.#wait();
  }

  #sample(nowMs: number): void {
    const atMs = performance.now();
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    const queued = queuedMs(this.#files.read);
    const group = this.#readGroup?.();
    this.#readOldGeneration ??= readOldGeneration();
    const { usedBytes, limitBytes } = this.#readOldGeneration();
    if (this.#looks++ % LOOKS_PER_LIMIT === 0) this.#rssLimitBytes = memoryLimit();
    const elapsedMs = atMs - this.#atMs;
    this.#ring.add(nowMs, {
      elapsedMs,
      busyMs: loop.active - this.#loop.active,
      lateMs: Math.max(0, elapsedMs - this.#dueMs),
      gcMs: this.#gcMs,
      gcLongestMs: this.#gcLongestMs,
      cpuMs: (cpu.user + cpu.system - this.#cpu.user - this.#cpu.system) / 1_000,
      queuedMs: (queued ?? Number.NaN) - (this.#queuedMs ?? Number.NaN),
      throttledMs: (group?.throttledMs ?? Number.NaN) - (this.#throttledMs ?? Number.NaN),
      cpuLimit: group?.limitCpus ?? Number.NaN,
      heapBytes: usedBytes,
      heapLimitBytes: limitBytes,
      rssBytes: process.memoryUsage.rss(),
      rssLimitBytes: this.#rssLimitBytes,
    });
    this.#gcMs = 0;
    this.#gcLongestMs = 0;
    this.#loop = loop;
    this.#cpu = cpu;
    this.#atMs = atMs;
    this.#queuedMs = queued;
    this.#throttledMs = group?.throttledMs;
  }
}

function memoryLimit(): number {
  const limit = process.constrainedMemory();
  // Without a limit Node gives 0, or more than any machine has.
  return limit > 0 && limit < totalmem() ? limit : Number.NaN;
}

function inWindow(
  samples: Readonly<Record<Measure, readonly number[]>>,
): Omit<ResourceWindow, "windowS" | "waits"> {
  const elapsedMs = sum(samples.elapsedMs);
  const share = (measure: Measure): number => toThree(Math.min(1, sum(samples[measure]) / elapsedMs));
  const told = (measure: Measure): number | null => (samples[measure].length === 0 ? null : share(measure));
  const last = (measure: Measure): number | null => samples[measure].at(-1) ?? null;
  return {
    seconds: Math.round(elapsedMs / 1_000),
    eventLoop: {
      utilization: share("busyMs"),
      delayMs: {
        mean: Math.round(sum(samples.lateMs) / samples.lateMs.length),
        max: Math.round(Math.max(...samples.lateMs)),
      },
    },
    gc: { share: share("gcMs"), longestMs: Math.round(Math.max(...samples.gcLongestMs)) },
    cpu: {
      used: toThree(sum(samples.cpuMs) / elapsedMs),
      limit: last("cpuLimit"),
      throttled: told("throttledMs"),
      queued: told("queuedMs"),
    },
    memory: {
      heapBytes: last("heapBytes")!,
      heapLimitBytes: last("heapLimitBytes")!,
      rssBytes: last("rssBytes")!,
      rssLimitBytes: last("rssLimitBytes"),
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const toThree = (number: number): number => Math.round(number * 1_000) / 1_000;
