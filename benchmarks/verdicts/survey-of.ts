import { addressKey } from "../../packages/cli/src/sources/live/address.ts";
import type { Instance, Survey } from "../../packages/cli/src/sources/live/survey.ts";
import { readTraffic } from "../../packages/cli/src/sources/live/traffic-document.ts";

/** What a service answered at an address; undefined where nothing answers. */
export interface Answered {
  /** `host:port`. */
  readonly at: string;
  readonly document: object | undefined;
}

/** The survey that asking these addresses would give. */
export function surveyOf(answers: readonly Answered[]): Survey {
  const instances: Instance[] = [];
  const unreached: Survey["unreached"][number][] = [];
  const names = new Map<string, string>();
  for (const { at, document } of answers) {
    const [host, port] = at.split(":") as [string, string];
    const key = addressKey(host, port);
    const read = document === undefined ? null : readTraffic(document);
    const address = `http://${at}`;
    if (read === null) {
      unreached.push({ address, key, given: false, silent: true, error: "refuses connections" });
      continue;
    }
    instances.push({ address, key, document: read });
    names.set(key, read.service);
  }
  const services = Map.groupBy(instances, ({ document }) => document.service);
  return {
    services: [...services].map(([name, all]) => ({ name, instances: all })),
    unreached,
    names,
    notAsked: [],
  };
}
