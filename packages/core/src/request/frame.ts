import { AsyncLocalStorage } from "node:async_hooks";

/** What a frame knows of the request it belongs to; emptied when the request ends. */
export interface RequestLink {
  /** The observed request while it goes on. */
  current: object | undefined;
}

/**
 * What the running code is inside of. There is one `AsyncLocalStorage` for all of it: entering one costs a request
 * more than a line does. What a package keeps here is its own affair; core only carries it.
 */
export class Frame {
  readonly request: RequestLink | undefined;
  /** The log context. */
  log: unknown;
  /** OpenTelemetry's context; undefined where another's context manager keeps it. */
  otel: unknown;

  constructor(request: RequestLink | undefined, log: unknown, otel: unknown) {
    this.request = request;
    this.log = log;
    this.otel = otel;
  }
}

// One per process, whatever number of copies of this package is installed.
const STORAGE = Symbol.for("whodunit.frame");
const process_ = globalThis as { [STORAGE]?: AsyncLocalStorage<Frame | undefined> };
process_[STORAGE] ??= new AsyncLocalStorage();
const storage = process_[STORAGE];

/** The frame of the running code, if it is in one. */
export function currentFrame(): Frame | undefined {
  return storage.getStore();
}

/** Runs `run` in `frame`, and what it starts; `undefined` is no frame at all. */
export function runInFrame<Arguments extends unknown[], Result>(
  frame: Frame | undefined,
  run: (...args: Arguments) => Result,
  ...args: Arguments
): Result {
  return storage.run(frame, run, ...args);
}

/** Runs `run` with another log context, and all else as it is. */
export function runWithLog<Result>(log: unknown, run: () => Result): Result {
  const frame = storage.getStore();
  return storage.run(new Frame(frame?.request, log, frame?.otel), run);
}

/** Runs `run` with another OpenTelemetry context, and all else as it is. */
export function runWithOtel<Arguments extends unknown[], Result>(
  otel: unknown,
  run: (...args: Arguments) => Result,
  ...args: Arguments
): Result {
  const frame = storage.getStore();
  return storage.run(new Frame(frame?.request, frame?.log, otel), run, ...args);
}

/**
 * Makes the code that runs, and what it starts, go on in `frame`. Whoever enters one in a callback of somebody else's leaves it
 * again at its end.
 */
export function enterFrame(frame: Frame | undefined): void {
  storage.enterWith(frame);
}
