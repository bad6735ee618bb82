import { isRecord } from "../../is-record.ts";

/** The labels of a series, by name; one object for all that a store answers of it. */
export type Labels = Readonly<Record<string, string>>;

/** One copy of the labels of each series, which says the same of itself at every moment that is asked about. */
export class KnownLabels {
  readonly #series = new Map<string, Labels>();
  readonly #values = new Map<string, string>();

  /** @param text JSON of an object; undefined is told of any other */
  labelsOf(text: string): Labels | undefined {
    const known = this.#series.get(text);
    if (known !== undefined) return known;
    const metric = parsed(text);
    if (!isRecord(metric)) return undefined;
    const labels: Record<string, string> = {};
    for (const name of Object.keys(metric).sort()) {
      const value = String(metric[name]);
      const one = this.#values.get(value) ?? value;
      this.#values.set(one, one);
      labels[name] = one;
    }
    // Written anew: a part of an answer keeps all of it in memory.
    const own = JSON.stringify(labels);
    const same = this.#series.get(own) ?? labels;
    this.#series.set(own, same);
    return same;
  }
}

/** What a text is the JSON of; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
