import { isDeepStrictEqual } from "node:util";
import type { Diagnostics } from "./diagnostics.ts";
import type { TracingOptions } from "./options.ts";
import type { Tracing } from "./tracing.ts";

interface Started {
  readonly tracing: Tracing;
  readonly options: TracingOptions;
  told: boolean;
}

// One per process, whatever number of copies of this package (ESM, bundled, a test framework's fresh one) is loaded.
const STARTED = Symbol.for("whodunit.tracing.started");
const process_ = globalThis as { [STARTED]?: Started | undefined };

/** Remembers what was started; undefined forgets it. */
export function setStarted(tracing: Tracing | undefined, options: TracingOptions = {}): void {
  process_[STARTED] = tracing === undefined ? undefined : { tracing, options, told: false };
}

/** The tracing that runs already, if any; says so once, with the options that ask for something else. */
export function alreadyStarted(options: TracingOptions, diagnostics: Diagnostics): Tracing | undefined {
  const started = process_[STARTED];
  if (started === undefined) return undefined;
  if (!started.told) {
    started.told = true;
    const others = Object.keys(options).filter(
      (name) => !isSame(started, options, name as keyof TracingOptions),
    );
    const text =
      "startTracing was called again: the tracing that runs goes on, with the options it was started with";
    const level = others.length === 0 ? "debug" : "error";
    diagnostics.tell(level, "started_already", { text, ...(others.length === 0 ? {} : { ignored: others }) });
  }
  return started.tracing;
}

function isSame(
  { tracing, options: first }: Started,
  options: TracingOptions,
  name: keyof TracingOptions,
): boolean {
  const before = name === "service" ? tracing.service : first[name];
  return isDeepStrictEqual(before, options[name]);
}
