import type { Counts } from "../sources/live/counts.ts";
import { chanceOfAtMost } from "./chance.ts";
import type { Graph } from "./graph.ts";
import { answers, countOver } from "./slower.ts";
import { addUpCounts, type Suspect } from "./suspect.ts";

// What had fewer requests than this in the last moments has not shown there how it fares.
const MIN_REQUESTS = 20;
// What goes on shows less of itself in three moments of ten; what is half over seldom shows as much.
const MIN_CHANCE = 0.3;

/**
 * Whether what a longer window shows goes on in a shorter one, which held too little of it to tell: too few requests,
 * or as many bad ones as the longer window lets expect. What is over is no news.
 */
export function isStillOn(short: Graph, long: Graph, suspect: Suspect): boolean {
  const now = addUpCounts(callsOf(short, suspect));
  if (now.count < MIN_REQUESTS) return true;
  const then = addUpCounts(callsOf(long, suspect));
  const bad = badOf(suspect);
  if (bad === null) return false;
  const few = bad(now);
  return few > 0 && chanceOfAtMost(few, now.count, Math.min(1, bad(then) / then.count)) >= MIN_CHANCE;
}

function callsOf(graph: Graph, { service, known, fault, routes }: Suspect): { readonly counts: Counts }[] {
  const names = new Set(routes.map(({ name }) => name));
  const inbound = graph.get(service)?.inbound ?? [];
  const outbound = [...graph.values()].flatMap((caller) =>
    caller.outbound.filter(({ callee }) => callee === service),
  );
  // Whom callers accuse, they have counted.
  const own = inbound.filter(({ route }) => names.has(route));
  const isTheirs = !known || own.length === 0 || fault === "unreachable" || fault === "timeouts";
  return isTheirs ? outbound.filter(({ route }) => names.has(route)) : own;
}

function badOf({ fault, failures, lateMs }: Suspect): ((counts: Counts) => number) | null {
  if (lateMs !== null)
    return (counts) => (countOver(counts.latency, lateMs) * counts.count) / Math.max(1, answers(counts));
  if (failures === 0) return null;
  return fault === "refusals"
    ? (counts) => counts.failures + (counts.classes["4xx"] ?? 0)
    : (counts) => counts.failures;
}
