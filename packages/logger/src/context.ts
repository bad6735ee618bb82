import { AsyncLocalStorage } from "node:async_hooks";
import { type Fragment, merged } from "./fragment.ts";

const storage = new AsyncLocalStorage<Context>();

/**
 * What belongs to everything that happens inside one `withContext`, async included: its fields, and, inside
 * a request, its debug switch and its flight recording.
 */
export class Context {
  /** The caller's fields, with those of the contexts around. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether debug lines inside are written whatever the level. */
  readonly debug: boolean;
  // The context's fields as text belong to the logger that wrote them: its redactor, its limits.
  #writtenBy: object | undefined;
  #written: Fragment | undefined;
  #mergedFor: Fragment | undefined;
  #merged: Fragment | undefined;

  constructor(fields: Readonly<Record<string, unknown>>, debug: boolean) {
    this.fields = fields;
    this.debug = debug;
  }

  /** The fields as text, made by `write` once a logger. */
  fragment(owner: object, write: (fields: object) => Fragment): Fragment {
    if (this.#written === undefined || this.#writtenBy !== owner) {
      this.#written = write(this.fields);
      this.#writtenBy = owner;
      this.#mergedFor = undefined;
    }
    return this.#written;
  }

  /** The fields with a child logger's on top. */
  mergedWith(own: Fragment, bindings: Fragment): Fragment {
    if (this.#merged === undefined || this.#mergedFor !== bindings) {
      this.#merged = merged(own, bindings);
      this.#mergedFor = bindings;
    }
    return this.#merged;
  }
}

/** The innermost context of the running code. */
export function currentContext(): Context | undefined {
  return storage.getStore();
}

/** Runs `run` with `context` as the running code's. */
export function runInContext<Result>(context: Context, run: () => Result): Result {
  return storage.run(context, run);
}

/**
 * Runs `run` and puts `fields` on every line written inside, by any logger, async code included. Contexts
 * nest: the inner one's fields come on top of those around it.
 *
 * @returns what `run` returns
 */
export function withContext<Result>(fields: Readonly<Record<string, unknown>>, run: () => Result): Result {
  const around = storage.getStore();
  return storage.run(new Context({ ...around?.fields, ...fields }, around?.debug ?? false), run);
}
