import { resolveHost } from "../sources/live/resolve-host.ts";
import type { SurveyOptions } from "../sources/live/survey.ts";
import { survey } from "../sources/live/survey.ts";
import type { WindowS } from "../sources/live/traffic-document.ts";
import type { Span } from "../view/span.ts";
import { examine, type Findings } from "./examine.ts";
import { findTrace } from "./find-trace.ts";
import { healthEvidence } from "./health-evidence.ts";
import { leadsOf } from "./leads.ts";

/** How to investigate. */
export interface InvestigateOptions extends SurveyOptions {
  /** @default 60 */
  readonly windowS?: WindowS;
  /** A running `whodunit view`, asked for the failing trace. @default "http://127.0.0.1:4318" */
  readonly view?: string;
}

/** What the investigation came to. */
export interface Verdict extends Findings {
  /** Given addresses that gave no traffic. */
  readonly unreached: readonly string[];
  /** What health checks say of the worst culprit, in words. */
  readonly health: readonly string[];
  /** A failed request of the worst culprit, where `view` holds it. */
  readonly trace: { readonly traceId: string; readonly spans: readonly Span[] } | null;
}

const VIEW = "http://127.0.0.1:4318";

/** Asks the services at `urls`, and those they call, and works out who is at fault. */
export async function investigate(
  urls: readonly string[],
  options: InvestigateOptions = {},
): Promise<Verdict> {
  const windowS = options.windowS ?? 60;
  const asked = await survey(urls, options, resolveHost, {
    leads: leadsOf,
    isEnough: (soFar) => examine(soFar, windowS).culprits.length > 0,
  });
  const findings = examine(asked, windowS);
  const worst = findings.culprits[0];
  const [trace, health] =
    worst === undefined
      ? [null, []]
      : await Promise.all([findTrace(options.view ?? VIEW, worst), healthEvidence(asked, worst)]);
  return {
    ...findings,
    unreached: asked.unreached.filter(({ given }) => given).map(({ address }) => address),
    health,
    trace,
  };
}
