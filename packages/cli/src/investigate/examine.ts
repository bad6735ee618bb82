import { peerKey } from "../sources/live/address.ts";
import type { Survey } from "../sources/live/survey.ts";
import { WINDOWS } from "../sources/live/traffic-document.ts";
import { type Before, buildBefore } from "./before.ts";
import { changesBefore } from "./changes.ts";
import { type Culprit, findCulprits } from "./culprits.ts";
import { blastRadius, evidenceFor } from "./evidence.ts";
import { explain, whyEvidence } from "./explain.ts";
import { findAlwaysSlow } from "./find-slow.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { WANTS_TOKEN, whatIsMissing } from "./missing.ts";
import { isStillOn } from "./still-on.ts";
import { accuse, isFailing, type Share, type Suspect, total } from "./suspect.ts";
import { usualOf, usualOfCalls } from "./usual.ts";
import { whichEvidence, whichRequests } from "./which-requests.ts";

/** What the numbers of a survey come to, without asking anybody anything more. */
export interface Findings {
  readonly verdict: "culprit" | "nothing" | "cannot-tell";
  /** The window that the verdict is of: the one asked for, or a longer one where that held too few requests. */
  readonly windowS: number;
  /** Worst first, what is new before what always was. With `cannot-tell`: callees that did not let us look behind them. */
  readonly culprits: readonly Culprit[];
  /** Routes that outsiders call and of which requests fail, the worst first. */
  readonly blastRadius: readonly Share[];
  /** Who fails as much as ever, as far back as is remembered: a remark, no accusation. */
  readonly asBefore: readonly Suspect[];
  /** Who takes a second or more, as far back as is known: a remark, no accusation. */
  readonly alwaysSlow: readonly Suspect[];
  /** Who fails some of few requests: a remark, for so few may fail by chance. */
  readonly tooFew: readonly Suspect[];
  /** What could not be seen, in words. */
  readonly missing: readonly string[];
  /** Requests that the services answered in the window. */
  readonly requests: number;
  /** The names of the services that answered. */
  readonly services: readonly string[];
}

/** Works out who is at fault from what the services told. */
export function examine(asked: Survey, windowS: number): Findings {
  const shortest = lookAt(asked, windowS);
  const look = longerLook(asked, windowS, shortest) ?? shortest;
  const chronic = findChronic(look);
  const always = chronic.filter((suspect) => look.culprits.length === 0 && isMurder(look, suspect));
  const culprits = [...look.culprits, ...always].map((found): Culprit => {
    const culprit = explain(asked, look.windowS, found);
    const changes = changesBefore(asked, look.graph, look.before.normal, culprit);
    const which = whichRequests(asked, look.windowS, culprit);
    const evidence = [
      ...whichEvidence(culprit, which, look.windowS),
      ...whyEvidence(culprit, look.windowS),
      ...evidenceFor(look.graph, look.before, look.windowS, { ...culprit, changes }),
    ];
    return { ...culprit, changes, which, evidence };
  });
  const requests = countRequests(look.graph);
  const isQuiet = culprits.length === 0;
  const longest = isQuiet ? lookAt(asked, 600) : look;
  return {
    verdict: decide(culprits[0], asked, requests, longest),
    windowS: look.windowS,
    culprits,
    blastRadius: isQuiet ? [] : blastRadius(look.graph),
    asBefore: chronic.filter((suspect) => !always.includes(suspect)),
    alwaysSlow: isQuiet ? findAlwaysSlow(look.graph) : [],
    tooFew: isQuiet ? findTooFew(longest.graph) : [],
    missing: whatIsMissing(asked, look.graph, requests, look.windowS),
    requests,
    services: [...look.graph.keys()],
  };
}

interface Look {
  readonly windowS: number;
  readonly graph: Graph;
  readonly before: Before;
  readonly culprits: readonly Culprit[];
}

function lookAt(asked: Survey, windowS: number): Look {
  const graph = buildGraph(asked, windowS);
  const before = buildBefore(asked, windowS);
  return { windowS, graph, before, culprits: findCulprits(graph, before) };
}

/** A longer window in which somebody is at fault of whom the one asked for holds too little to tell, and still is. */
function longerLook(asked: Survey, windowS: number, { graph, culprits }: Look): Look | null {
  if (culprits.length > 0) return null;
  for (const longer of WINDOWS.filter((one) => one > windowS)) {
    const look = lookAt(asked, longer);
    const unseen = look.culprits.filter((culprit) => isStillOn(graph, look.graph, culprit));
    if (unseen.length > 0) return { ...look, culprits: unseen };
  }
  return null;
}

/** Who would be named if nobody remembered what is usual. */
function findChronic({ graph, before, culprits }: Look): Culprit[] {
  if (before.usual.size === 0) return [];
  const named = new Set(culprits.map(({ service }) => service));
  return findCulprits(graph, { ...before, usual: new Map() })
    .filter(({ service, failures }) => failures > 0 && !named.has(service))
    .map((culprit) => ({ ...culprit, asBefore: true }));
}

// One request in twenty: too many for noise, however long it has been so.
const MURDER_SHARE = 0.05;

// What it usually is, not what it is now: of a hundredth of few requests a twentieth is often a chance.
function isMurder({ graph, before: { usual } }: Look, { service, routes }: Suspect): boolean {
  const names = new Set(routes.map(({ name }) => name));
  const inbound = (graph.get(service)?.inbound ?? []).filter(({ route }) => names.has(route));
  const callers = [...graph.values()].map((caller) => {
    const calls = caller.outbound.filter(({ callee }) => callee === service);
    return { count: total(calls).count, failures: usualOfCalls(calls, usual.get(caller.name)).failures };
  });
  const own = { count: total(inbound).count, failures: usualOf(inbound, usual.get(service)).failures };
  return [own, ...callers].some(({ count, failures }) => count > 0 && failures >= count * MURDER_SHARE);
}

const FEW_REQUESTS = 30;
const MANY_OF_FEW = 0.1;

function findTooFew(graph: Graph): Suspect[] {
  return [...graph.values()].flatMap((node) => {
    const own = total(node.inbound).failures - total(node.outbound).failures;
    const routes = [...Map.groupBy(node.inbound, ({ route }) => route).values()].filter((calls) => {
      const { count, failures } = total(calls);
      const some = Math.min(own, failures);
      const isFew = count < FEW_REQUESTS && some >= Math.max(1, count * MANY_OF_FEW);
      return isFew && !isFailing({ count, failures: some });
    });
    return routes.length === 0 ? [] : [accuse(node.name, true, "errors", routes.flat())];
  });
}

function decide(
  worst: Culprit | undefined,
  { unreached }: Survey,
  requests: number,
  longest: Look,
): Findings["verdict"] {
  if (worst === undefined)
    return requests === 0 && countRequests(longest.graph) === 0 ? "cannot-tell" : "nothing";
  const key = peerKey(worst.service);
  const shut = unreached.some((address) => address.key === key && WANTS_TOKEN.test(address.error));
  return shut ? "cannot-tell" : "culprit";
}

function countRequests(graph: Graph): number {
  const counts = [...graph.values()].flatMap(({ inbound, outbound }) => [...inbound, ...outbound]);
  return counts.reduce((sum, one) => sum + one.counts.count, 0);
}
