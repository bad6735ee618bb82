import type { IncomingMessage, Server } from "node:http";
import { type Answer, onShutdown, optionError, reportFault } from "@whodunit/core";
import { changeOf, type HealthChange } from "./changes/change.ts";
import { type ChangeLogger, logChange, logStandstill } from "./changes/change-log.ts";
import { HealthMetrics } from "./changes/metrics.ts";
import { Webhook } from "./changes/webhook.ts";
import type { Authorize } from "./http/authorize.ts";
import { Drain, drainTimes } from "./http/drain.ts";
import { answerRequest, type HealthView } from "./http/routes.ts";
import { checkHealthOptions, type HealthOptions } from "./options.ts";
import { AwakeClock, type Standstill } from "./watch/awake-clock.ts";
import { type Clock, systemClock } from "./watch/clock.ts";
import { redactorInNeed } from "./watch/error-text.ts";
import type { ResolvedProbe } from "./watch/probe.ts";
import { firstRuns, ProbeLoop } from "./watch/probe-loop.ts";
import { type HealthEntry, ProbeState } from "./watch/probe-state.ts";
import type { Outcome } from "./watch/run.ts";
import { Snapshot, type Standstills } from "./watch/snapshot.ts";
import { blockingReadiness } from "./watch/verdicts.ts";

/** Hears of each change once. What it throws or rejects with stays here. */
export type HealthListener = (change: HealthChange) => void | Promise<void>;

/** A service's health: probes in the background, and what is known of them. */
export interface Health {
  readonly service: string;
  /** What is known now, in registration order. Asks no dependency. */
  entries(): readonly HealthEntry[];
  /** Tells `listener` of every change from now on. Returns the function that ends it. @throws TypeError */
  subscribe(listener: HealthListener): () => void;
  /**
   * For adapters: answers a request to one of health's paths; undefined for any other path. `path` is what a framework
   * has made of the request's URL, where it differs.
   */
  answer(request: IncomingMessage, path?: string): Answer | Promise<Answer> | undefined;
  /** For adapters: has the shutdown close `server`, by `close` where the framework must do it. */
  adoptServer(server: Server, close?: () => Promise<void>): void;
  /** Stops the probes and leaves the process's shutdown list. */
  close(): Promise<void>;
}

const BUILT_IN_GROUPS = ["internal", "external"];
/** Where no probe has an interval. */
const IDLE_INTERVAL_MS = 10_000;

/**
 * Starts watching. Each probe runs in the background on its own interval; requests only read what is known.
 *
 * @throws TypeError when an option or a probe is wrong, or two probes have one name
 */
export function createHealth(options: HealthOptions): Health {
  return new BackgroundHealth(options);
}

class BackgroundHealth implements Health, HealthView {
  readonly service: string;
  readonly groups: ReadonlySet<string>;
  readonly authorize: Authorize | undefined;
  readonly #clock: Clock;
  readonly #awake: AwakeClock;
  readonly #logger: ChangeLogger | undefined;
  readonly #probes: readonly ResolvedProbe[];
  readonly #states: readonly ProbeState[];
  readonly #loops: readonly ProbeLoop[];
  readonly #listeners = new Set<HealthListener>();
  readonly #metrics: HealthMetrics;
  readonly #webhook: Webhook | undefined;
  readonly #drain: Drain;
  readonly #takeOff: () => void;
  #snapshot: Snapshot;
  #standstills: Standstills | undefined;
  #started = false;

  constructor(options: HealthOptions) {
    this.#probes = checkHealthOptions(options);
    const { service, authorize, drainDelayMs, clock = systemClock, logger, webhook } = options;
    const redactor = options.redactor ?? redactorInNeed();
    this.service = service;
    this.authorize = authorize;
    this.groups = new Set([...BUILT_IN_GROUPS, ...this.#probes.map((probe) => probe.group)]);
    this.#clock = clock;
    this.#logger = logger;
    const shortestMs = {
      timeout: Math.min(...this.#probes.map(({ timeoutMs }) => timeoutMs)),
      interval: Math.min(...this.#probes.map(({ intervalMs }) => intervalMs), IDLE_INTERVAL_MS),
    };
    this.#awake = new AwakeClock(clock, shortestMs, (standstill) => this.#stoodStill(standstill));
    this.#states = this.#probes.map((probe) => new ProbeState(probe, this.#awake.now(), clock.wall()));
    this.#snapshot = this.#capture();
    this.#metrics = new HealthMetrics(() => this.entries());
    this.#webhook = webhook && new Webhook(webhook, clock);
    if (logger !== undefined) this.subscribe((change) => logChange(logger, change));
    if (this.#webhook !== undefined) this.subscribe((change) => this.#webhook?.send(change));
    this.#drain = new Drain(drainTimes(drainDelayMs));
    this.#takeOff = onShutdown({ phase: "probes", name: "health-probes", close: () => this.close() });
    this.#loops = this.#probes.map(
      (probe, index) =>
        new ProbeLoop(probe, clock, this.#awake, redactor, (outcome, abandoned) =>
          this.#record(index, outcome, abandoned),
        ),
    );
    for (const [index, { delayMs, secondAfterMs }] of firstRuns(this.#probes, () =>
      clock.random(),
    ).entries()) {
      this.#loops[index]?.start(delayMs, secondAfterMs);
    }
  }

  get snapshot(): Snapshot {
    if (this.#awake.now() >= this.#snapshot.staleAt) this.#markStale();
    return this.#snapshot;
  }

  get draining(): boolean {
    return this.#drain.draining;
  }

  get inFlight(): number {
    return this.#drain.inFlight;
  }

  get started(): boolean {
    this.#started ||= blockingReadiness(this.snapshot.entries).length === 0;
    return this.#started;
  }

  entries(): readonly HealthEntry[] {
    return this.snapshot.entries;
  }

  subscribe(listener: HealthListener): () => void {
    if (typeof listener !== "function") throw optionError("subscribe", "listener", listener, "a function");
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  answer(request: IncomingMessage, path?: string): Answer | Promise<Answer> | undefined {
    return answerRequest(this, request, path);
  }

  adoptServer(server: Server, close?: () => Promise<void>): void {
    this.#drain.adopt(server, close);
  }

  async close(): Promise<void> {
    this.#awake.stop();
    for (const loop of this.#loops) loop.stop();
    for (const probe of this.#probes) closeProbe(probe);
    this.#metrics.close();
    this.#drain.takeOff();
    this.#takeOff();
    await this.#webhook?.close();
  }

  #record(index: number, outcome: Outcome, abandoned: number): void {
    this.#update((state, at) => {
      if (at === index) state.record(outcome, abandoned, this.#awake.now(), this.#clock.wall());
    });
    this.#metrics.record(this.#snapshot.entries[index] as HealthEntry, outcome);
  }

  #markStale(): void {
    const now = this.#awake.now();
    this.#update((state) => {
      if (now >= state.staleAt) state.markStale(this.#clock.wall());
    });
  }

  #update(change: (state: ProbeState, index: number) => void): void {
    const before = this.#snapshot.entries;
    for (const [index, state] of this.#states.entries()) change(state, index);
    this.#snapshot = this.#capture();
    this.#started ||= blockingReadiness(this.#snapshot.entries).length === 0;
    for (const [index, entry] of this.#snapshot.entries.entries()) {
      const change = changeOf(this.service, before[index] as HealthEntry, entry);
      if (change !== undefined) this.#announce(change);
    }
  }

  #capture(): Snapshot {
    const staleAt = Math.min(...this.#states.map((state) => state.staleAt));
    return new Snapshot(
      this.#states.map((state) => state.entry),
      staleAt,
      this.#standstills,
    );
  }

  // It is told of the process itself, and not as a change of a probe: nobody is to be called for an innocent one.
  #stoodStill(last: Standstill): void {
    const { count = 0, totalMs = 0 } = this.#standstills ?? {};
    this.#standstills = { count: count + 1, totalMs: totalMs + last.durationMs, last };
    this.#snapshot = this.#capture();
    this.#metrics.recordStandstill(last);
    try {
      if (this.#logger !== undefined) logStandstill(this.#logger, last);
    } catch (error) {
      reportFault("WHODUNIT_HEALTH_LISTENER", error);
    }
  }

  #announce(change: HealthChange): void {
    for (const listener of this.#listeners) {
      try {
        Promise.resolve(listener(change)).catch((error) => reportFault("WHODUNIT_HEALTH_LISTENER", error));
      } catch (error) {
        reportFault("WHODUNIT_HEALTH_LISTENER", error);
      }
    }
  }
}

function closeProbe(probe: ResolvedProbe): void {
  try {
    probe.close?.();
  } catch (error) {
    reportFault("WHODUNIT_HEALTH_PROBE_CLOSE", error);
  }
}
