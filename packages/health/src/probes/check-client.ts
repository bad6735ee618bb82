import { type Check, required } from "@whodunit/core";

/** A check: the application's client, of which one of these methods is asked. */
export const clientWith = (methods: readonly string[], wanted: string): Check =>
  required((client) => methods.some((method) => hasMethod(client, method)), wanted);

/** Whether something has a method of this name, its own or one that it inherits. */
export function hasMethod(value: unknown, name: string): value is object {
  return (
    value !== null &&
    (typeof value === "object" || typeof value === "function") &&
    typeof (value as Record<string, unknown>)[name] === "function"
  );
}
