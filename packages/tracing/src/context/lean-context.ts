import { type Context, context, ROOT_CONTEXT } from "@opentelemetry/api";

/**
 * OpenTelemetry's context, immutable as it asks. The API's own is a Map with three closures; most have an entry or
 * two, for which a list does.
 */
class LeanContext implements Context {
  /** Keys and values in turn. */
  readonly #entries: readonly unknown[];

  constructor(entries: readonly unknown[]) {
    this.#entries = entries;
  }

  getValue(key: symbol): unknown {
    const at = this.#find(key);
    return at === -1 ? undefined : this.#entries[at + 1];
  }

  setValue(key: symbol, value: unknown): Context {
    const entries = this.#entries;
    const at = this.#find(key);
    if (at !== -1) return new LeanContext(entries.with(at + 1, value));
    return new LeanContext(entries.length === 0 ? [key, value] : [...entries, key, value]);
  }

  deleteValue(key: symbol): Context {
    const at = this.#find(key);
    return at === -1 ? this : new LeanContext(this.#entries.toSpliced(at, 2));
  }

  #find(key: symbol): number {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === key) return i;
    return -1;
  }
}

/** The context that holds nothing, as OpenTelemetry's `ROOT_CONTEXT`. */
export const LEAN_ROOT: Context = new LeanContext([]);

/** The active context, lean where it holds nothing: so are then those made from it. */
export function activeContext(): Context {
  const active = context.active();
  return active === ROOT_CONTEXT ? LEAN_ROOT : active;
}
