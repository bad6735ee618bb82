import type { SpanValue } from "../provider/value.ts";

const VALUES_PER_KEY = 64;
// As long as most statements are.
const TEXT_MAX_LENGTH = 1_024;
const BYTES_MAX = 524_288;

/**
 * A key as an encoder writes it, with the attributes that keep coming back: methods, routes, statuses and statements are few,
 * and are copied as they were encoded the first time. A key of many values is given up.
 */
export class KnownKey {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sensitive: boolean;
  /** The key that came next last time: spans of one kind need no look-up of their keys. Always one that is kept. */
  follower: KnownKey | undefined = undefined;
  #values: Map<SpanValue, Uint8Array> | undefined = new Map();
  // The one of them that was asked for last. Comparing with it costs a fraction of a look-up.
  #value: SpanValue | undefined = undefined;
  #encoded: Uint8Array | undefined = undefined;
  #valueBytes = 0;

  constructor(name: string, bytes: Uint8Array, sensitive: boolean) {
    this.name = name;
    this.bytes = bytes;
    this.sensitive = sensitive;
  }

  /** The encoded attribute, its length in front; undefined where it is not kept. */
  encoded(value: SpanValue): Uint8Array | undefined {
    if (value === this.#value) return this.#encoded;
    const encoded = this.#values?.get(value);
    if (encoded !== undefined) {
      this.#value = value;
      this.#encoded = encoded;
    }
    return encoded;
  }

  /** Whether an attribute of this key is worth keeping; `small` ones take less than 128 bytes. */
  keeps(value: SpanValue, small: boolean): boolean {
    if (this.#values === undefined) return false;
    return small || (typeof value === "string" && value.length <= TEXT_MAX_LENGTH);
  }

  /** Keeps an encoded attribute. `table` counts the bytes of all that the keys of an encoder keep. */
  keep(value: SpanValue, encoded: Uint8Array, table: { bytes: number }): void {
    const values = this.#values;
    if (values === undefined) return;
    if (values.size < VALUES_PER_KEY && table.bytes + encoded.length <= BYTES_MAX) {
      values.set(value, encoded);
      this.#valueBytes += encoded.length;
      table.bytes += encoded.length;
      return;
    }
    table.bytes -= this.#valueBytes;
    this.#values = undefined;
    this.#value = undefined;
    this.#encoded = undefined;
  }
}
