import { Bins, GAMMA } from "./histogram.ts";
import type { JsonWriter } from "./json-writer.ts";
import type { Trace } from "./outcome-counts.ts";
import { FAILING_RUN_MS, type SeriesState } from "./series.ts";
import { WINDOWS } from "./slots.ts";

/** When series are told, and how. */
export interface Moment {
  readonly nowMs: number;
  readonly toWallMs: (atMs: number) => number;
  /** Takes secrets out of what came after names: classes, errors, statuses. */
  readonly clean: (text: string) => string;
}

/** Writes series as `TrafficSeries` and `TrafficPast` tell them. */
export class SeriesJson {
  readonly #moment: Moment;
  // Most series have the same few, and many have one example in all windows.
  readonly #classes = new Map<string, string>();
  readonly #bins = new Bins();
  #shown: { readonly trace: Trace; readonly text: string } | undefined;

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  /**
   * Each window that holds anything.
   *
   * @param waitedMs for how long those have waited that are not answered
   */
  windows(state: SeriesState, waitedMs: readonly number[], json: JsonWriter): void {
    const { nowMs, toWallMs } = this.#moment;
    const isFailing = nowMs - state.lastFailureMs <= FAILING_RUN_MS;
    const failingSince = isFailing ? `"${isoTime(toWallMs(state.failingSinceMs))}"` : "null";
    const names = namesOf(state);
    for (let i = 0; i < WINDOWS.length; i++) {
      const { successes, failures, aborted } = state.slots.totals(i, nowMs);
      if (successes + failures + aborted + waitedMs.length === 0) continue;
      json.element();
      json.text(names);
      this.#window(i, state, waitedMs, failingSince, json);
    }
  }

  #window(
    index: number,
    state: SeriesState,
    waitedMs: readonly number[],
    failingSince: string,
    json: JsonWriter,
  ): void {
    const { nowMs } = this.#moment;
    const { windowS } = WINDOWS[index]!;
    const bins = this.#bins;
    const { successes, failures, aborted, classes } = state.slots.window(index, nowMs, bins);
    for (const ms of waitedMs) bins.count(ms);
    member(json, ',"windowS":', windowS);
    member(json, ',"count":', successes + failures + waitedMs.length);
    if (waitedMs.length > 0) member(json, ',"waiting":', waitedMs.length);
    member(json, ',"failures":', failures);
    member(json, ',"aborted":', aborted);
    this.#writeClasses(classes, json);
    json.text(`,"failingSince":${failingSince}`);
    latency(json, GAMMA, bins);
    json.text(`,"exemplar":${this.#exemplar(state, nowMs - windowS * 1_000)}}`);
  }

  /** What was before the longest window, by an hour and by a day. */
  pasts(state: SeriesState, json: JsonWriter): void {
    const names = namesOf(state);
    for (const past of state.slots.past(this.#moment.nowMs)) {
      json.element();
      json.text(names);
      member(json, ',"windowS":', past.windowS);
      member(json, ',"count":', past.count);
      member(json, ',"known":', past.known);
      member(json, ',"failures":', past.failures);
      member(json, ',"aborted":', past.aborted);
      latency(json, past.latency.gamma, past.latency.bins);
      this.#writeClasses(past.classes, json);
      json.text("}");
    }
  }

  /** Classes that differ by their secrets only are told as one. */
  #writeClasses(counted: ReadonlyMap<string, number>, json: JsonWriter): void {
    const counts = new Map<string, number>();
    for (const [given, count] of counted) {
      const name = this.#className(given);
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    let before = ',"classes":{';
    for (const [name, count] of counts) {
      member(json, before + name, count);
      before = ",";
    }
    json.text(counts.size === 0 ? `${before}}` : "}");
  }

  /** With its colon. */
  #className(given: string): string {
    const known = this.#classes.get(given);
    if (known !== undefined) return known;
    const name = `${JSON.stringify(this.#moment.clean(given))}:`;
    this.#classes.set(given, name);
    return name;
  }

  #exemplar({ last, lastFailed }: SeriesState, sinceMs: number): string {
    const trace = [lastFailed, last].find((one) => one !== undefined && one.atMs >= sinceMs);
    if (trace === undefined) return "null";
    if (this.#shown?.trace !== trace) this.#shown = { trace, text: this.#traceText(trace) };
    return this.#shown.text;
  }

  #traceText({ traceId, spanId, atMs, status, failed, error }: Trace): string {
    const { clean, toWallMs } = this.#moment;
    const shown = typeof status === "string" ? clean(status) : status;
    const thrown = error === undefined ? {} : { error: clean(error) };
    const at = isoTime(toWallMs(atMs));
    return JSON.stringify({ traceId, spanId, at, status: shown, failed, ...thrown });
  }
}

/** An object's beginning. */
const namesOf = ({ side, peer, route }: SeriesState): string =>
  JSON.stringify({ side, peer, route }).slice(0, -1);

function member(json: JsonWriter, name: string, value: number): void {
  json.text(name);
  json.number(value);
}

function latency(json: JsonWriter, gamma: number, bins: Bins): void {
  json.text(`,"latency":{"gamma":${gamma},"bins":`);
  json.bins(bins);
  json.text("}");
}

const isoTime = (wallMs: number): string => new Date(wallMs).toISOString();
