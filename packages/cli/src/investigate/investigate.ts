import { peerKey } from "../sources/live/address.ts";
import type { Survey, SurveyOptions } from "../sources/live/survey.ts";
import { survey } from "../sources/live/survey.ts";
import type { WindowS } from "../sources/live/traffic-document.ts";
import type { Span } from "../view/span.ts";
import { type Culprit, findCulprits } from "./culprits.ts";
import { findAlwaysSlow } from "./find-slow.ts";
import { findTrace } from "./find-trace.ts";
import { buildEarlierGraph, buildGraph, type Graph } from "./graph.ts";
import { healthEvidence } from "./health-evidence.ts";
import { WANTS_TOKEN, whatIsMissing } from "./missing.ts";
import type { Suspect } from "./suspect.ts";

/** How to investigate. */
export interface InvestigateOptions extends SurveyOptions {
  /** @default 60 */
  readonly windowS?: WindowS;
  /** A running `whodunit view`, asked for the failing trace. @default "http://127.0.0.1:4318" */
  readonly view?: string;
}

/** What the investigation came to. */
export interface Verdict {
  readonly verdict: "culprit" | "nothing" | "cannot-tell";
  readonly windowS: WindowS;
  /** Worst first. With `cannot-tell`: callees that fail and did not let us look behind them. */
  readonly culprits: readonly Culprit[];
  /** Who takes a second or more, as far back as is known: a remark, no accusation. */
  readonly alwaysSlow: readonly Suspect[];
  /** Given addresses that gave no traffic. */
  readonly unreached: readonly string[];
  /** What could not be seen, in words. */
  readonly missing: readonly string[];
  /** Requests that the services answered in the window. */
  readonly requests: number;
  /** The names of the services that answered. */
  readonly services: readonly string[];
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
  const asked = await survey(urls, options);
  const graph = buildGraph(asked, windowS);
  const culprits = findCulprits(graph, buildEarlierGraph(asked, windowS));
  const requests = countRequests(graph);
  const worst = culprits[0];
  const [trace, health] =
    worst === undefined
      ? [null, []]
      : await Promise.all([findTrace(options.view ?? VIEW, worst), healthEvidence(asked, worst)]);
  return {
    verdict: decide(worst, asked, requests),
    windowS,
    culprits,
    alwaysSlow: culprits.length > 0 ? [] : findAlwaysSlow(graph),
    unreached: asked.unreached.filter(({ given }) => given).map(({ address }) => address),
    missing: whatIsMissing(asked, graph, requests),
    requests,
    services: [...graph.keys()],
    health,
    trace,
  };
}

function decide(worst: Culprit | undefined, { unreached }: Survey, requests: number): Verdict["verdict"] {
  if (worst === undefined) return requests === 0 ? "cannot-tell" : "nothing";
  const key = peerKey(worst.service);
  const shut = unreached.some((address) => address.key === key && WANTS_TOKEN.test(address.error));
  return shut ? "cannot-tell" : "culprit";
}

function countRequests(graph: Graph): number {
  const counts = [...graph.values()].flatMap(({ inbound, outbound }) => [...inbound, ...outbound]);
  return counts.reduce((sum, one) => sum + one.counts.count, 0);
}
