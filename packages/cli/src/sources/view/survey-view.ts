import { isRecord } from "../../is-record.ts";
import type { Survey } from "../live/survey.ts";
import { readTraffic } from "../live/traffic-document.ts";
import { askView } from "./ask-view.ts";

/** A running `whodunit view`, which has received services' spans. */
export interface ViewOptions {
  /** Such as `http://127.0.0.1:4318`. */
  readonly url: string;
  /** The moment that is asked about. @default now */
  readonly at?: Date | undefined;
}

/** What a probe said last. */
export interface ProbeStatus {
  readonly service: string;
  readonly probe: string;
  readonly status: string;
}

/** Why a view does not tell of other windows. */
export const WHOLE_MINUTES = "a view counts by the minute: want whole minutes, such as 1m or 10m";

/**
 * Asks a view what services would tell of themselves. Their names are known to it: nobody need be found by an address.
 *
 * @throws Error that says why there is no answer
 */
export async function surveyView(
  { url, at }: ViewOptions,
  windowS: number,
  token: string | undefined,
): Promise<Survey> {
  if (windowS % 60 !== 0) throw new Error(WHOLE_MINUTES);
  const asked = { minutes: windowS / 60, at: at?.getTime() };
  const { services } = await askView(url, "api/traffic", asked, token);
  const documents = (Array.isArray(services) ? services : []).flatMap((one) => readTraffic(one) ?? []);
  if (documents.length === 0) throw new Error(`${url} holds no spans of requests of that time`);
  return {
    services: documents.map((document) => ({
      name: document.service,
      instances: [{ address: url, key: document.service, document }],
    })),
    ...{ unreached: [], names: new Map(), notAsked: [] },
  };
}

/** What probes said last at that moment. */
export async function healthInView(
  { url, at }: ViewOptions,
  token: string | undefined,
): Promise<readonly ProbeStatus[]> {
  const to = (at ?? new Date()).getTime();
  const { entries } = await askView(url, "api/health", { from: to - 60_000, to }, token);
  return (Array.isArray(entries) ? entries : []).filter(isRecord).map(({ service, probe, status }) => ({
    service: String(service),
    probe: String(probe),
    status: String(status),
  }));
}
