import { inContext, type Method, markTraced, wrapMethod } from "./wrap.ts";

/**
 * Has what a pool of redis does with a connection run where it was asked for. A pool that has none to give runs it where
 * another has given one back, and its channel tells of that too late to help.
 */
export function traceRedisPool(client: object): void {
  // What `createClientPool` gives stands before the pool itself, by which its modules' commands go.
  const { _self: pool = client } = client as { readonly _self?: object };
  if (markTraced(pool)) return;
  wrapMethod(pool, "execute", (execute) => {
    return function tracedExecute(this: unknown, task: unknown, ...rest: unknown[]) {
      return execute.call(this, typeof task === "function" ? inContext(task as Method) : task, ...rest);
    };
  });
}
