// Quotes within a text are escaped, and labels hold texts alone: neither stands in labels. Stores write without spaces.
const METRIC = '{"metric":{';
const VALUE = '},"value';
const END = "]}]";

/** Is given the labels of a result, and all else that it has, each as JSON. */
export type OnResult = (metric: string, result: string) => void;

/**
 * Cuts the results out of a store's answer while it comes in, and hands each on by itself: neither the text of 1,000 services nor
 * all that it says is held at once. What is written in another way stays in the rest.
 */
export class ResultCutter {
  readonly #onResult: OnResult;
  #before: string | undefined;
  #pending: Buffer = Buffer.alloc(0);

  constructor(onResult: OnResult) {
    this.#onResult = onResult;
  }

  /** Takes the next part of the answer. */
  push(part: Buffer): void {
    const all = Buffer.concat([this.#pending, part]);
    let from = 0;
    const next = (): number => all.indexOf(METRIC, this.#before === undefined ? 0 : from + 1);
    for (let at = next(); at !== -1; at = next()) {
      if (this.#before === undefined) this.#before = all.toString("utf8", 0, at);
      else this.#tell(all.toString("utf8", from, at - 1));
      from = at;
    }
    this.#pending = all.subarray(from);
  }

  /** The answer without its results, once all of it has come. */
  end(): string {
    const text = this.#pending.toString();
    if (this.#before === undefined) return text;
    const end = text.indexOf(END, text.indexOf(VALUE)) + END.length - 1;
    // What ends within a result is no JSON.
    if (end < END.length) return this.#before + text;
    this.#tell(text.slice(0, end));
    return this.#before + text.slice(end);
  }

  #tell(text: string): void {
    const end = text.indexOf(VALUE) + 1;
    this.#onResult(text.slice(METRIC.length - 1, end), `{${text.slice(end + 1)}`);
  }
}
