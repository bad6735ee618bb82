import { context } from "@opentelemetry/api";
import { currentFrame, reportFault, runInFrame } from "@whodunit/core";
import { runningTracing } from "../../running/running.ts";
import type { Operation } from "../operation.ts";

// Symbol.for: whichever copy of this package wrapped a client first, it is wrapped.
const TRACED = Symbol.for("whodunit.traced-client");

/** Whether {@link markTraced} was told of this client before; marks it where not. */
export function markTraced(client: object): boolean {
  if ((client as { [TRACED]?: true })[TRACED] === true) return true;
  Object.defineProperty(client, TRACED, { value: true });
  return false;
}

export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Puts what `around` makes of a client's own method in its place, on this one client. */
export function wrapMethod(client: object, name: string, around: (original: Method) => Method): void {
  const original = (client as Record<string, unknown>)[name];
  if (typeof original !== "function") return;
  Object.defineProperty(client, name, {
    configurable: true,
    enumerable: Object.prototype.propertyIsEnumerable.call(client, name),
    writable: true,
    value: around(original as Method),
  });
}

/**
 * Tells how a promise settles, and gives the one to hand on in its place: a rejection that nobody handles must go on
 * being one, which it would not be beside a handler of ours. What is no promise is handed on as it is, and `settled` at
 * once.
 */
export function whenSettled<Result>(
  result: Result,
  settled: (value: unknown) => void,
  failed: (error: unknown) => void,
): Result {
  if (guarded(() => typeof (result as { then?: unknown } | null | undefined)?.then === "function") !== true) {
    settled(result);
    return result;
  }
  return (result as PromiseLike<unknown>).then(
    (value) => {
      settled(value);
      return value;
    },
    (error: unknown) => {
      failed(error);
      throw error;
    },
  ) as Result;
}

/** Ends the operation when the promise settles; to be handed on in its place. */
export function endWith<Result>(operation: Operation, result: Result): Result {
  return whenSettled(
    result,
    () => operation.end(),
    (error) => operation.fail(error),
  );
}

/**
 * `callback` in the context of now: drivers call back where their socket is read. By our own means, for an AsyncResource
 * (`AsyncLocalStorage.bind`) costs more than all else of an operation.
 */
export function inContext(callback: Method): Method {
  if (runningTracing()?.contextInFrame !== true) return context.bind(context.active(), callback);
  const frame = currentFrame();
  return function inFrame(this: unknown, ...args) {
    return runInFrame(frame, () => callback.apply(this, args));
  };
}

/** Runs what is ours beside a call of the service's: what throws in it is told once, and gives undefined. */
export function guarded<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    reportFault("WHODUNIT_CHANNEL", error);
    return undefined;
  }
}
