import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { clientWith } from "./check-client.ts";

/** What is needed of a connected admin client of `kafkajs`, or one that speaks like it. */
export interface KafkaAdmin {
  /** Asks for the brokers. */
  describeCluster(): Promise<{ readonly brokers: readonly unknown[] }>;
}

/** What {@link kafkaProbe} takes. */
export interface KafkaProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own connected admin client. */
  readonly client: KafkaAdmin;
}

const SHAPE: OwnShape<KafkaProbeOptions> = {
  client: clientWith(["describeCluster"], "a connected admin client of kafkajs"),
};

/**
 * Asks Kafka for its brokers over the application's own admin client; none is a failure.
 *
 * @experimental Tested against the client's shape, not against a server.
 * @throws TypeError when an option is wrong
 */
export function kafkaProbe(options: KafkaProbeOptions): Probe {
  checkProbeOptions("kafkaProbe", options, SHAPE);
  const { client } = options;
  return probeFrom(options, {
    async check() {
      const { brokers } = await client.describeCluster();
      if (brokers.length === 0) throw new Error("the cluster has no broker");
    },
  });
}
