import type { Described, HeldDescribed } from "./described.ts";
import { JsonWriter } from "./json-writer.ts";
import type { Series, SeriesState } from "./series.ts";
import { type Moment, SeriesJson } from "./series-json.ts";
import type { TrafficSnapshot } from "./snapshot.ts";

/** All series of one moment, however many turns of the event loop it takes to write them. */
export class Reading {
  readonly all: readonly Series[];
  readonly #moment: Moment;
  readonly #waiting: ReadonlyMap<Series, readonly number[]>;
  readonly #described: Described;
  readonly #told: SeriesJson;
  #held: ReadonlyMap<Series, SeriesState> | undefined;
  #heldDescribed: HeldDescribed | undefined;

  /** @param waiting for how long the requests of each have waited that are not answered */
  constructor(
    all: readonly Series[],
    waiting: ReadonlyMap<Series, readonly number[]>,
    described: Described,
    moment: Moment,
  ) {
    this.all = all;
    this.#waiting = waiting;
    this.#described = described;
    this.#moment = moment;
    this.#told = new SeriesJson(moment);
  }

  /** Has everything stay as it is now. What is changed meanwhile is kept twice. */
  hold(): void {
    this.#held = new Map(this.all.map((one) => [one, one.hold(this.#moment.nowMs)]));
    this.#heldDescribed = this.#described.hold();
  }

  /** What is written from now on is as it is then. */
  letGo(): void {
    for (const { slots } of this.#held?.values() ?? []) slots.holders--;
    if (this.#heldDescribed !== undefined) this.#described.letGo(this.#heldDescribed);
    this.#held = undefined;
    this.#heldDescribed = undefined;
  }

  /** What a series has in each window. */
  readonly windows = (one: Series, json: JsonWriter): void =>
    this.#told.windows(this.#stateOf(one), this.#waiting.get(one) ?? [], json);

  /** What it had before. */
  readonly pasts = (one: Series, json: JsonWriter): void => this.#told.pasts(this.#stateOf(one), json);

  /** What its failed requests have in common. */
  readonly attributes = (one: Series, json: JsonWriter): void => {
    for (const attributes of this.#described.read(one, this.#moment.nowMs, this.#heldDescribed)) {
      json.element();
      json.text(JSON.stringify(attributes));
    }
  };

  /** All of it at once, read from what is written: there is one account of its shape. */
  lists(): Pick<TrafficSnapshot, "series" | "baseline" | "attributes"> {
    const json = new JsonWriter();
    const list = (write: (one: Series, json: JsonWriter) => void): never => {
      json.hasElements = false;
      for (const one of this.all) write(one, json);
      return JSON.parse(`[${json.take()}]`) as never;
    };
    return {
      series: list(this.windows),
      baseline: list(this.pasts),
      attributes: list(this.attributes),
    };
  }

  #stateOf(one: Series): SeriesState {
    return this.#held?.get(one) ?? one.state(this.#moment.nowMs);
  }
}
