import type { ResolveHost } from "./live/resolve-host.ts";
import { type Survey, type SurveyOptions, survey, type Trail } from "./live/survey.ts";
import { type Sample, StoreClient } from "./prometheus/client.ts";
import { parseMatchers } from "./prometheus/promql.ts";
import { StoreQueries } from "./prometheus/store-queries.ts";
import type { StoreAddress } from "./prometheus/store-settings.ts";
import { surveyStore } from "./prometheus/survey-store.ts";
import type { Need } from "./prometheus/telling.ts";
import { healthInView, type ProbeStatus, surveyView, type ViewOptions } from "./view/survey-view.ts";

/** A store that has gathered what services tell: Prometheus, or whatever speaks its HTTP API. */
export interface StoreOptions extends StoreAddress {
  /** The moment that is asked about. @default the store's own time */
  readonly at?: Date | undefined;
  /** Which of all series: `namespace="shop",cluster=~"eu-.*"`. @default all */
  readonly match?: string | undefined;
}

/** Where traffic comes from. */
export interface SourceOptions extends SurveyOptions {
  /** The length of the window in seconds: 10, 60 or 600 of services, any of a store, whole minutes of a view. @default 60 */
  readonly windowS?: number;
  /** Asked instead of services. */
  readonly store?: StoreOptions | undefined;
  /** A running `whodunit view`, asked instead of services; `token` opens it. */
  readonly receiver?: ViewOptions | undefined;
}

/** What was answered. */
export interface Asked {
  readonly survey: Survey;
  /** The moment that was asked about; undefined: now, by each service's own clock. */
  readonly at: Date | undefined;
  /** What health checks say of a service, in words; undefined where the services themselves are to be asked. */
  readonly healthOf: ((service: string) => Promise<string[]>) | undefined;
}

/**
 * Asks services at `urls`, and those they call as `trail` leads, or a store, or a view.
 *
 * @param need what a store need not tell beyond; services tell all that they know
 * @throws StoreError in one line, where a store does not answer all of it; Error, where a view does not
 */
export async function askSource(
  urls: readonly string[],
  { store, receiver, windowS = 60, ...options }: SourceOptions,
  need: Need,
  resolve?: ResolveHost,
  trail?: Trail,
): Promise<Asked> {
  if (receiver !== undefined) {
    const { token } = options;
    return {
      survey: await surveyView(receiver, windowS, token),
      at: receiver.at,
      healthOf: async (service) => {
        const all = await healthInView(receiver, token);
        return testimony(
          service,
          all.filter((one) => one.service === service),
        );
      },
    };
  }
  if (store === undefined) {
    const asked = await survey(urls, options, resolve, trail);
    return { survey: asked, at: undefined, healthOf: undefined };
  }
  const { at, match, ...address } = store;
  const client = new StoreClient(address);
  const matchers = match === undefined ? [] : parseMatchers(match);
  const atS = at === undefined ? undefined : at.getTime() / 1_000;
  const told = await surveyStore(client, { windowS, need, matchers, atS });
  return {
    survey: told.survey,
    at: new Date(told.atS * 1_000),
    healthOf: async (service) =>
      testimony(service, (await told.queries.health(service, told.atS)).map(probeStatus)),
  };
}

/** What the probes of one service say. */
export interface StoredHealth {
  readonly service: string;
  readonly probes: readonly { readonly probe: string; readonly status: string }[];
}

/**
 * What the probes of all services said last, as a store or a view has gathered it.
 *
 * @throws StoreError in one line, where a store does not answer all of it; Error, where a view does not
 */
export async function storedHealth(
  { store, receiver }: Pick<SourceOptions, "store" | "receiver">,
  token: string | undefined,
): Promise<StoredHealth[]> {
  const told = store === undefined ? await healthInView(receiver!, token) : await healthInStore(store);
  return [...Map.groupBy(told, ({ service }) => service)].map(([service, all]) => ({
    service,
    // Each process of a service tells the same.
    probes: [...new Map(all.map(({ probe, status }) => [`${probe}\0${status}`, { probe, status }])).values()],
  }));
}

async function healthInStore({ at, match, ...address }: StoreOptions): Promise<ProbeStatus[]> {
  const client = new StoreClient(address);
  const queries = new StoreQueries(client, match === undefined ? [] : parseMatchers(match));
  const atS = at === undefined ? await client.now() : at.getTime() / 1_000;
  const told = await queries.health(undefined, atS);
  return told.map((one) => ({ service: one.labels.service_name ?? "", ...probeStatus(one) }));
}

const probeStatus = ({ labels }: Sample): Omit<ProbeStatus, "service"> => ({
  probe: labels.probe ?? "",
  status: labels.health_probe_status ?? "",
});

function testimony(service: string, statuses: readonly Omit<ProbeStatus, "service">[]): string[] {
  if (statuses.length === 0) return [];
  const failing = statuses.flatMap(({ probe, status }) => (status === "OK" ? [] : [`${probe} is ${status}`]));
  const said = [...new Set(failing)].slice(0, 3).join(", ");
  return [`${service} says ${said === "" ? "that all is well" : said}`];
}
