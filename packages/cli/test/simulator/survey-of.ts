import { addressKey } from "../../src/sources/live/address.ts";
import type { Instance, Survey } from "../../src/sources/live/survey.ts";
import { readTraffic } from "../../src/sources/live/traffic-document.ts";
import { askable, type Case, placeInstances, runCase } from "./case.ts";

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

/** A case as the command would see it, and where each of its instances was reached. */
export interface AskedCase {
  readonly survey: Survey;
  readonly places: ReadonlyMap<string, string>;
}

/** What asking the services of a case would give, without a server for each. */
export function askCase(one: Case, count?: Parameters<typeof runCase>[2]): AskedCase {
  const asked = askable(one);
  const own = new Map<string, string>();
  const listening = (id: string): string => {
    const known = own.get(id) ?? `10.0.${own.size >> 8}.${own.size & 255}:80`;
    own.set(id, known);
    return known;
  };
  const places = placeInstances(one, listening);
  const documents = runCase(one, places, count);
  const running = new Set(
    one.services.flatMap(({ instances }) =>
      instances.filter(({ endedAt = 0 }) => endedAt >= 0).map(({ id }) => id),
    ),
  );
  const answers = [...places].flatMap(([id, at]) => {
    const isBehindBalancer = one.world === "balanced" && !asked.has(id) && !one.strike.down?.includes(id);
    if (!running.has(id) || isBehindBalancer) return [];
    return [{ at, document: asked.has(id) ? documents.get(id) : undefined }];
  });
  return { survey: surveyOf(answers), places };
}
