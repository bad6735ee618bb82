import { types } from "node:util";
import { errorType } from "@whodunit/core";

const STACK_FRAMES_MAX = 50;
const OWN = new Set(["name", "type", "message", "stack", "cause", "errors"]);

/** Whether `value` is an error, of this realm or another. */
export function isError(value: object): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/**
 * The fields of an error: type, message, stack (at most 50 frames), the errors of an AggregateError and the cause,
 * whatever they are, then `maxOwn` of the caller's own properties. Values are not yet redacted.
 */
export function errorFields(error: Error, maxOwn: number): Record<string, unknown> {
  // No prototype: an own property called `__proto__` must stay a property.
  const fields: Record<string, unknown> = Object.create(null);
  fields.type = errorType(error);
  fields.message = read(error, "message");
  fields.stack = firstFrames(read(error, "stack"));
  if ("errors" in error) fields.errors = read(error, "errors");
  if ("cause" in error) fields.cause = read(error, "cause");
  // Last, so that too many of them cost no cause.
  const own = Object.keys(error).filter((key) => !OWN.has(key));
  for (const key of own.slice(0, maxOwn)) fields[key] = read(error, key);
  return fields;
}

/** What is written in place of a value whose getter, `toJSON` or proxy trap threw. */
export function thrownText(error: unknown): string {
  return `[Throws: ${errorType(error)}]`;
}

function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch (thrown) {
    return thrownText(thrown);
  }
}

function firstFrames(stack: unknown): unknown {
  if (typeof stack !== "string") return stack;
  let end = stack.indexOf("\n    at ");
  for (let frame = 0; frame < STACK_FRAMES_MAX && end !== -1; frame++)
    end = stack.indexOf("\n    at ", end + 1);
  return end === -1 ? stack : stack.slice(0, end);
}
