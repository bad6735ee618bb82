import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The system of the operation that the running code is part of. Apart from OpenTelemetry's context, which somebody
 * else's context manager may keep.
 */
export const ENCLOSING: AsyncLocalStorage<string | undefined> = new AsyncLocalStorage();

/**
 * Whether the running code is part of an operation on this system that has its own span, as the commands of a
 * transaction are: what it asks of it is not told again.
 */
export function isEnclosed(system: string): boolean {
  return ENCLOSING.getStore() === system;
}
