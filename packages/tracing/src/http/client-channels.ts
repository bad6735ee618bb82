import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { reportFault } from "@whodunit/core";

/** A subscriber by name of its channel. */
export type Subscribers = Readonly<Record<string, (message: never) => void>>;

/**
 * Subscribes to Node's diagnostics channels. Each subscriber is guarded: Node raises what a subscriber
 * throws as an uncaught exception, which ends the process. Returns what takes them all off.
 */
export function subscribeAll(subscribers: Subscribers): () => void {
  const guarded = Object.entries(subscribers).map(([channel, subscriber]) => {
    const guard = (message: unknown): void => {
      try {
        subscriber(message as never);
      } catch (error) {
        reportFault("WHODUNIT_CHANNEL", error);
      }
    };
    subscribe(channel, guard);
    return [channel, guard] as const;
  });
  return () => {
    for (const [channel, guard] of guarded) unsubscribe(channel, guard);
  };
}
