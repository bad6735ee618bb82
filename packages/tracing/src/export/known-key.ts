import type { SpanValue } from "../provider/value.ts";

const VALUES_PER_KEY = 64;
const VALUES_MAX = 4_096;

/**
 * A key as an encoder writes it, with the attributes that keep coming back: methods, routes and statuses are few, and
 * are copied as they were encoded the first time. A key of many values is given up.
 */
export class KnownKey {
  readonly bytes: Uint8Array;
  readonly sensitive: boolean;
  #values: Map<SpanValue, Uint8Array> | undefined = new Map();

  constructor(bytes: Uint8Array, sensitive: boolean) {
    this.bytes = bytes;
    this.sensitive = sensitive;
  }

  /** The encoded attribute, its length in front; undefined where it is not kept. */
  encoded(value: SpanValue): Uint8Array | undefined {
    return this.#values?.get(value);
  }

  /** Whether an attribute of this key is worth keeping. */
  get keeps(): boolean {
    return this.#values !== undefined;
  }

  /** Keeps an encoded attribute. `table` counts what all keys of an encoder keep. */
  keep(value: SpanValue, encoded: Uint8Array, table: { kept: number }): void {
    const values = this.#values;
    if (values === undefined) return;
    if (values.size < VALUES_PER_KEY && table.kept < VALUES_MAX) {
      values.set(value, encoded);
      table.kept++;
      return;
    }
    table.kept -= values.size;
    this.#values = undefined;
  }
}
