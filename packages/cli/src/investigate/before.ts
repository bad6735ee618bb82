import type { Survey } from "../sources/live/survey.ts";
import type { Series, TrafficDocument } from "../sources/live/traffic-document.ts";
import { leanOnOthers } from "./background.ts";
import { type Graph, type GraphNode, joinSeries, oldestS } from "./graph.ts";
import { rememberedIn } from "./remembered.ts";

/** What was before the window in question. Only counts, classes and latencies mean anything in it. */
export interface Before {
  /** What the services remember from before the last ten minutes; without those that do not. */
  readonly usual: Graph;
  /** That, and where nobody remembers it the rest of the last ten minutes, which a fault may be older than. */
  readonly normal: Graph;
  /** How many routes and ways can be compared with what they were. */
  readonly compared: number;
}

/** Joins what the services said of the time before a window. */
export function buildBefore(survey: Survey, windowS: number): Before {
  const normal = joinSeries(survey, (document) => {
    const usual = rememberedIn(document);
    const known = new Set(usual.map(keyOf));
    const earlier = windowS < LONGEST_WINDOW ? earlierOf(document, windowS) : [];
    return [...usual, ...earlier.filter((one) => !known.has(keyOf(one)))];
  });
  const compared = [...normal.values()].reduce((sum, { inbound, outbound }) => {
    const routes = new Set(inbound.map(({ route }) => route));
    return sum + routes.size + new Set(outbound.map(({ callee }) => callee)).size;
  }, 0);
  return { usual: leanOnOthers(joinSeries(survey, rememberedIn)), normal, compared };
}

const LONGEST_WINDOW = 600;

/** From how many seconds it is known what was usual for a service: what it remembers, or the last ten minutes. */
export const knownS = (node: GraphNode, remembered: boolean): number =>
  remembered ? oldestS(node) - LONGEST_WINDOW : LONGEST_WINDOW;
const keyOf = ({ side, peer, route }: Series): string => JSON.stringify([side, peer, route]);

function earlierOf({ series }: TrafficDocument, windowS: number): Series[] {
  const recent = new Map(series.filter((one) => one.windowS === windowS).map((one) => [keyOf(one), one]));
  return series
    .filter((one) => one.windowS === LONGEST_WINDOW)
    .map((one) => subtract(one, recent.get(keyOf(one))));
}

function subtract(whole: Series, part: Series | undefined): Series {
  if (part === undefined) return whole;
  const taken = new Map(part.latency.bins);
  const bins = whole.latency.bins.flatMap(([index, count]): [number, number][] => {
    const left = count - (taken.get(index) ?? 0);
    return left > 0 ? [[index, left]] : [];
  });
  const classes = Object.fromEntries(
    Object.entries(whole.classes).map(([name, count]) => [
      name,
      Math.max(0, count - (part.classes[name] ?? 0)),
    ]),
  );
  const count = Math.max(0, whole.count - part.count);
  const failures = Math.min(count, Math.max(0, whole.failures - part.failures));
  return { ...whole, count, failures, classes, latency: { ...whole.latency, bins } };
}
