import type { Before } from "./before.ts";
import { withoutGoBetweens } from "./behind.ts";
import type { ChangeEvidence } from "./changes.ts";
import { type Confidence, confidenceIn, type Evidence } from "./evidence.ts";
import { findBroken } from "./find-broken.ts";
import { findFailing } from "./find-failing.ts";
import { findSlow } from "./find-slow.ts";
import { findSlowWays } from "./find-slow-way.ts";
import type { Graph } from "./graph.ts";
import { answers, extraTimeMs, meanMs } from "./slower.ts";
import type { Share, Suspect } from "./suspect.ts";
import { addUpCounts, isFailing, shares, total } from "./suspect.ts";
import { measureWays } from "./way.ts";
import type { Which } from "./which-requests.ts";
import type { Cause } from "./why.ts";

/** Who is at fault, and what is known of it. */
export interface Culprit extends Suspect {
  /** One way the failure travels: from the outermost caller to the culprit. */
  readonly path: readonly string[];
  /** The instances at fault where others of the same service are well; else empty. */
  readonly instances: readonly Share[];
  /** What was changed at it just before it began, the nearest first. */
  readonly changes: readonly ChangeEvidence[];
  /** Why it is slow, as its own processes tell it, the most telling first. */
  readonly why: readonly Cause[];
  /** What tells the requests that it fails from those that it does not, the most telling first. */
  readonly which: readonly Which[];
  /** What each sentence about it stands on. */
  readonly evidence: readonly Evidence[];
  readonly confidence: Confidence;
  /** Whether it was so as far back as is remembered. */
  readonly asBefore: boolean;
}

// Of several that are slow only those count that cost at least this part of what the worst costs.
const MIN_PART_OF_WORST = 0.2;

/**
 * Finds who is at fault: services that fail more than their callees explain, callees that refuse what is needed,
 * callees without Whodunit that fail, connections that break between two services, callers that do not wait, who became
 * slow, and the ways that did. Worst first.
 *
 * @param graph the window in question
 * @param before the time before it, for what used to be
 */
export function findCulprits(graph: Graph, before: Before): Culprit[] {
  const ways = measureWays(graph, before);
  const failing = mergeTwins(findFailing(graph, before));
  const refused = new Set(
    failing
      .filter(({ fault }) => fault === "refusals")
      .flatMap(({ callers }) => callers.map(({ name }) => name)),
  );
  // Of a service seen in part its callers saw more of the same; who fails is not accused of being slow as well.
  const broken = others(failing, findBroken(graph, before, ways)).filter(
    ({ service }) => !refused.has(service),
  );
  const slow = others([...failing, ...broken], findSlow(graph, before, ways));
  const late = [...slow, ...broken.filter(({ fault }) => fault === "held-up")];
  const names = new Set(late.map(({ service }) => service));
  const between = others([...failing, ...broken, ...slow], findSlowWays(graph, ways, names));
  const felt = [...slow, ...between].filter((suspect) => isFelt(graph, before, suspect));
  return withoutGoBetweens(graph, [...failing, ...broken, ...worth(felt)])
    .map((suspect) => ({
      ...suspect,
      path: pathTo(graph, suspect),
      instances: badInstances(graph, suspect),
      changes: [],
      which: [],
      why: [],
      evidence: [],
      confidence: confidenceIn(graph, before, suspect),
      asBefore: false,
    }))
    .sort((a, b) => b.failures - a.failures || b.extraMs - a.extraMs || b.count - a.count);
}

// Two services may both be refused by the same third.
function mergeTwins(suspects: readonly Suspect[]): Suspect[] {
  const seen = new Set<string>();
  return suspects.filter(({ service }) => !seen.has(service) && seen.add(service));
}

// What a slow one costs its callers must be this part of what it costs itself, or nobody suffers.
const MIN_FELT_PART = 0.3;

/** Whether callers wait for it: slowness that none of them sees is no murder. Callers unknown to us are believed to. */
function isFelt(
  graph: Graph,
  { usual, normal }: Before,
  { service, callers, count, extraMs, fault }: Suspect,
): boolean {
  if (fault === "held-up" || callers.some(({ name }) => !graph.has(name) || name === service)) return true;
  let [feltMs, requests] = [0, 0];
  for (const { name } of callers) {
    const earlier = usual.get(name)?.inbound.length ? usual.get(name) : normal.get(name);
    const was = addUpCounts(earlier?.inbound ?? []);
    const now = addUpCounts(graph.get(name)!.inbound);
    requests += answers(now);
    feltMs += answers(was) === 0 ? Number.POSITIVE_INFINITY : extraTimeMs(now, was);
  }
  // Calls that a request makes at the same time it waits for once.
  return feltMs >= extraMs * Math.min(1, requests / count) * MIN_FELT_PART;
}

function worth(slow: readonly Suspect[]): Suspect[] {
  const worstMs = Math.max(...slow.map(({ extraMs }) => extraMs));
  return slow.filter(({ extraMs }) => extraMs >= worstMs * MIN_PART_OF_WORST);
}

function others(accused: readonly Suspect[], suspects: readonly Suspect[]): Suspect[] {
  const names = new Set(accused.map(({ service }) => service));
  return suspects.filter(({ service }) => !names.has(service));
}

function pathTo(graph: Graph, { service, callers }: Suspect): string[] {
  const path = [service];
  let next = callers.find(({ name }) => name !== service)?.name;
  while (next !== undefined) {
    path.unshift(next);
    const callers = shares(graph.get(next)?.inbound ?? [], ({ caller }) => caller);
    next = callers.find(({ name }) => !path.includes(name))?.name;
  }
  return path;
}

// An instance is as bad as the worst when its share of failures, or its mean, is at least this part of the worst's.
const AS_BAD = 0.2;
const AS_SLOW = 0.6;
const MIN_REQUESTS = 5;

function badInstances(graph: Graph, { service, routes, fault }: Suspect): Share[] {
  const names = new Set(routes.map(({ name }) => name));
  const all = (graph.get(service)?.instances ?? []).map(({ name, inbound }) => {
    const calls = inbound.filter(({ route }) => names.has(route));
    return { share: { name, ...total(calls) }, meanMs: meanMs(addUpCounts(calls), MIN_REQUESTS) ?? 0 };
  });
  const worst = Math.max(...all.map(({ share }) => rate(share)));
  const slowestMs = Math.max(...all.map(({ meanMs }) => meanMs));
  const bad = all.filter(({ share, meanMs }) =>
    fault === "slow" ? meanMs >= slowestMs * AS_SLOW : isFailing(share) && rate(share) >= worst * AS_BAD,
  );
  const others = all.some((one) => one.share.count >= MIN_REQUESTS && !bad.includes(one));
  return others ? bad.map(({ share }) => share).sort((a, b) => b.failures - a.failures) : [];
}

const rate = ({ count, failures }: Share): number => failures / Math.max(1, count);
