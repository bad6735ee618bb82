import type { Survey } from "../live/survey.ts";
import { type StoreClient, StoreError } from "./client.ts";
import { DIALECTS } from "./dialects.ts";
import { namesOf } from "./peers.ts";
import { instanceOf, type Process } from "./processes.ts";
import { StoreQueries } from "./store-queries.ts";
import { type StoreQuestion, Telling } from "./telling.ts";

/** What a store tells, and of which moment. */
export interface StoreSurvey {
  readonly survey: Survey;
  readonly atS: number;
  readonly queries: StoreQueries;
}

// So many counters, of about 80 processes, are asked for one by one; of more, sums come first.
const FEW_COUNTERS = 1_000;
// Clocks that run are within a second; so far apart "now" is another time to each.
const MAX_APART_S = 30;

/**
 * Asks a store what services' `/debug/traffic` would tell, at any moment that it remembers.
 *
 * @throws StoreError in one line, where it does not answer all of it
 */
export async function surveyStore(client: StoreClient, question: StoreQuestion): Promise<StoreSurvey> {
  const nowS = await client.now();
  const apartS = Math.round(nowS - Date.now() / 1_000);
  if (Math.abs(apartS) > MAX_APART_S) {
    throw new StoreError(
      `${client.name} has a clock ${Math.abs(apartS)} s ${apartS > 0 ? "ahead of" : "behind"} this machine's: set them right, or nobody knows which minute is meant`,
    );
  }
  const atS = question.atS ?? nowS;
  const queries = new StoreQueries(client, question.matchers ?? []);
  const sizes = await queries.sizes(DIALECTS, atS);
  const processes = new Map<string, Process>();
  for (const dialect of DIALECTS) {
    const size = dialect.counters.reduce((sum, metric) => sum + (sizes.get(metric) ?? 0), 0);
    if (size === 0) continue;
    const known = new Set([...processes.values()].map(({ service }) => service));
    const told = await new Telling(queries, dialect, question, atS).tell(size > FEW_COUNTERS);
    // Who tells it in two ways is counted once, by the one that tells more.
    for (const [key, process] of told) if (!known.has(process.service)) processes.set(key, process);
  }
  if (processes.size === 0) {
    throw new StoreError(
      `${client.name} holds no requests of services at ${new Date(atS * 1_000).toISOString()}: want whodunit_requests_total, or what docs/prometheus.md names beside it`,
    );
  }
  return { survey: surveyOf([...processes.values()], atS), atS, queries };
}

function surveyOf(processes: readonly Process[], atS: number): Survey {
  const names = namesOf(
    processes,
    processes.flatMap(({ series }) => series),
  );
  const services = Map.groupBy(processes, ({ service }) => service);
  return {
    services: [...services].map(([name, all]) => ({
      name,
      instances: all.map((process) => instanceOf(process, atS)),
    })),
    unreached: [],
    names,
    notAsked: [],
  };
}
