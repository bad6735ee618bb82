import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { clientWith } from "./check-client.ts";

/** What is needed of a client of `redis` or `ioredis`. */
export interface RedisClient {
  /** Goes to the server and back. */
  ping(): Promise<unknown>;
  /** `redis` */
  readonly isReady?: boolean;
  /** `ioredis` */
  readonly status?: string;
}

/** What {@link redisProbe} takes. */
export interface RedisProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own client. */
  readonly client: RedisClient;
}

const SHAPE: OwnShape<RedisProbeOptions> = {
  client: clientWith(["ping"], "a client of redis or ioredis"),
};

/** Asks Redis `PING` over the application's own client. @throws TypeError when an option is wrong */
export function redisProbe(options: RedisProbeOptions): Probe {
  checkProbeOptions("redisProbe", options, SHAPE);
  const { client } = options;
  let wasReady = false;
  return probeFrom(options, {
    async check() {
      // Both clients queue commands while they reconnect. Before the first connection that is worth waiting for;
      // after it the lost connection is the news.
      if (wasReady && !isReady(client))
        throw new Error("the client has lost its connection and is reconnecting");
      await client.ping();
      // What was queued may be answered a moment before the client calls itself ready.
      wasReady ||= isReady(client);
    },
  });
}

const isReady = ({ isReady, status }: RedisClient): boolean =>
  isReady ?? (status === undefined || status === "ready");
