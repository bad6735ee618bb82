/** An answer to be sent as JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A question that cannot be answered, and what is wrong with it. */
export class WrongQuestion extends Error {}

/** Reads the parameters of a question, each with what it may be. */
export class Parameters {
  readonly #query: URLSearchParams;

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  /** A text; undefined where there is none, or an empty one. */
  text(name: string): string | undefined {
    return this.#query.get(name) || undefined;
  }

  /** One of some words; the first where none is given. */
  word<T extends string>(name: string, words: readonly [T, ...T[]]): T {
    const value = this.#query.get(name) ?? words[0];
    if (words.includes(value as T)) return value as T;
    throw new WrongQuestion(
      `${name} is not ${words.length === 2 ? words.join(" or ") : `one of ${words.join(", ")}`}`,
    );
  }

  /** A whole number within bounds. */
  integer(name: string, otherwise: number, min: number, max: number): number {
    const value = Number(this.#query.get(name) ?? otherwise);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new WrongQuestion(`${name} is not ${min} to ${max}`);
  }

  /** A length in milliseconds. */
  milliseconds(name: string): number | undefined {
    const text = this.#query.get(name);
    if (text === null) return undefined;
    const value = text === "" ? Number.NaN : Number(text);
    if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
    throw new WrongQuestion(`${name} is not a number of milliseconds`);
  }

  /** A moment, as ISO 8601 or as milliseconds since 1970, in milliseconds since 1970. */
  moment(name: string): number | undefined {
    const text = this.#query.get(name);
    if (text === null || text === "") return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
    if (Number.isFinite(value)) return value;
    throw new WrongQuestion(
      `${name} is not a moment, such as 2026-11-20T08:47:41Z or milliseconds since 1970`,
    );
  }
}

/** A refusal that says why. */
export const wrong = (status: number, message: string): JsonAnswer => ({ status, body: { message } });
