import type { Counts } from "./counts.ts";
import { addUp } from "./counts.ts";
import type { Graph, GraphNode, Outbound } from "./graph.ts";

/** What a culprit does to requests. */
export type Fault = "errors" | "unreachable" | "timeouts";

/** How one caller or one route fares. */
export interface Share {
  readonly name: string;
  readonly count: number;
  readonly failures: number;
}

/** Who is at fault, and what is known of it. */
export interface Culprit {
  /** A service's name, or the address or the peer name of a callee that has no Whodunit. */
  readonly service: string;
  /** Whether it is a service that told its own side. */
  readonly known: boolean;
  readonly fault: Fault;
  /** The failing routes, worst first; of an unknown callee what its callers call them. */
  readonly routes: readonly Share[];
  readonly count: number;
  readonly failures: number;
  /** When the present run of failing began, ISO 8601. */
  readonly since: string | null;
  /** The class of the failures: an error's type or a status, with the error's name where one is known. */
  readonly error: string;
  /** Who calls it and suffers, worst first. */
  readonly callers: readonly Share[];
  /** One way the failure travels: from the outermost caller to the culprit. */
  readonly path: readonly string[];
  /** Traces of failed requests, latest first. */
  readonly traceIds: readonly string[];
}

// A share below one in a hundred, or fewer than three failures, is the noise any network makes.
const MIN_SHARE = 0.01;
const MIN_FAILURES = 3;
// What a service's failing callees leave unexplained must be this part of its failures to be its own doing.
const MIN_OWN_PART = 0.3;

/** Whether so many failures are more than noise. */
export function isFailing({
  count,
  failures,
}: {
  readonly count: number;
  readonly failures: number;
}): boolean {
  return failures >= MIN_FAILURES && failures >= count * MIN_SHARE;
}

/**
 * Finds who is at fault: services that fail more than their callees explain, callees without Whodunit that
 * fail, and connections that break between two services. Worst first.
 */
export function findCulprits(graph: Graph): Culprit[] {
  const suspects = [
    ...[...graph.values()].flatMap(ownFault),
    ...unknownCallees(graph),
    ...brokenEdges(graph),
  ];
  return suspects
    .map((suspect) => ({ ...suspect, path: pathTo(graph, suspect) }))
    .sort((a, b) => b.failures - a.failures);
}

type Suspect = Omit<Culprit, "path">;

function ownFault(node: GraphNode): Suspect[] {
  const failing = failingRoutes(node);
  const failures = sum(failing, "failures");
  const explained = sum(
    node.outbound.filter(({ counts }) => isFailing(counts)).map(({ counts }) => counts),
    "failures",
  );
  const own = failures - explained;
  if (own < MIN_FAILURES || own < failures * MIN_OWN_PART) return [];
  const below = new Set(node.outbound.flatMap(({ counts }) => failedTraces([counts])));
  // A route whose last failed request also failed further down is explained by what is down there.
  const unexplained = failing.filter((route) => !route.traceIds.some((id) => below.has(id)));
  const names = new Set((unexplained.length > 0 ? unexplained : failing).map(({ name }) => name));
  const guilty = node.inbound.filter(({ route }) => names.has(route));
  return [accuse(node.name, true, "errors", guilty, ({ caller }) => caller)];
}

function failingRoutes({ inbound }: GraphNode): (Share & { readonly traceIds: readonly string[] })[] {
  const routes = Map.groupBy(inbound, ({ route }) => route);
  return [...routes]
    .map(([name, all]) => ({ name, ...total(all), traceIds: failedTraces(all.map(({ counts }) => counts)) }))
    .filter(
      (route) => isFailing(route) || inbound.some((one) => one.route === route.name && isFailing(one.counts)),
    );
}

function unknownCallees(graph: Graph): Suspect[] {
  const calls = [...graph.values()].flatMap(({ name, outbound }) =>
    outbound.filter(({ callee }) => !graph.has(callee)).map((call) => ({ ...call, caller: name })),
  );
  const callees = Map.groupBy(calls, ({ callee }) => callee);
  return [...callees].flatMap(([callee, all]) => {
    if (!all.some(({ counts }) => isFailing(counts))) return [];
    return [accuse(callee, false, faultOf(all), all, ({ caller }) => caller)];
  });
}

// The caller saw failures that the callee never had: they happened between the two.
function brokenEdges(graph: Graph): Suspect[] {
  return [...graph.values()].flatMap(({ name, outbound }) => {
    const callees = Map.groupBy(outbound, ({ callee }) => callee);
    return [...callees].flatMap(([callee, calls]) => {
      const seen = graph.get(callee)?.inbound.filter(({ caller }) => caller === name);
      if (seen === undefined || !calls.some(({ counts }) => isFailing(counts))) return [];
      const lost = total(calls).failures - total(seen).failures;
      if (lost < MIN_FAILURES || lost < total(calls).failures * MIN_OWN_PART) return [];
      const routes = calls.map((call) => ({ ...call, caller: name }));
      return [accuse(callee, true, faultOf(calls), routes, ({ caller }) => caller)];
    });
  });
}

const TIMEOUT = /time-?d?-?out|abort/i;
const CONNECTION = /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT)/;

function faultOf(calls: readonly Outbound[]): Fault {
  const error = mainClass(addUpCounts(calls).classes);
  if (CONNECTION.test(error)) return "unreachable";
  return TIMEOUT.test(error) ? "timeouts" : "errors";
}

type Call = { readonly route: string; readonly caller: string; readonly counts: Counts };

function accuse<T extends Call>(
  service: string,
  known: boolean,
  fault: Fault,
  calls: readonly T[],
  callerOf: (call: T) => string,
): Suspect {
  const failing = calls.filter(({ counts }) => counts.failures > 0);
  const names = new Set(failing.map(({ route }) => route));
  const concerned = calls.filter(({ route }) => names.has(route));
  const counts = addUpCounts(concerned);
  return {
    service,
    known,
    fault,
    routes: shares(concerned, ({ route }) => route),
    count: counts.count,
    failures: counts.failures,
    since: counts.failingSince,
    error: describe(counts),
    callers: shares(concerned, callerOf),
    traceIds: failedTraces(failing.map((call) => call.counts)),
  };
}

function shares<T extends Call>(calls: readonly T[], nameOf: (call: T) => string): Share[] {
  return [...Map.groupBy(calls, nameOf)]
    .map(([name, all]) => ({ name, ...total(all) }))
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => b.failures - a.failures);
}

function pathTo(graph: Graph, { service, callers }: Suspect): string[] {
  const path = [service];
  let next = callers[0]?.name;
  while (next !== undefined && !path.includes(next)) {
    path.unshift(next);
    const failing = graph.get(next)?.inbound.filter(({ counts }) => counts.failures > 0) ?? [];
    next = shares(failing, ({ caller }) => caller)[0]?.name;
  }
  return path;
}

function describe(counts: Counts): string {
  const error = mainClass(counts.classes);
  const { exemplar } = counts;
  if (exemplar?.failed !== true) return error;
  const status = String(exemplar.status);
  return exemplar.error === undefined || exemplar.error === status ? status : `${status} ${exemplar.error}`;
}

// How a request that did not fail ended: a status below 500, or a span of a peer without an error.
const WELL = /^(?:[1-4]xx|ok)$/;

function mainClass(classes: Readonly<Record<string, number>>): string {
  const bad = Object.entries(classes).filter(([name]) => !WELL.test(name));
  return bad.sort(([, a], [, b]) => b - a)[0]?.[0] ?? "";
}

const addUpCounts = (calls: readonly { readonly counts: Counts }[]): Counts =>
  addUp(calls.map(({ counts }) => counts));

function total(calls: readonly { readonly counts: Counts }[]): { count: number; failures: number } {
  const all = calls.map(({ counts }) => counts);
  return { count: sum(all, "count"), failures: sum(all, "failures") };
}

function sum<K extends string>(all: readonly Readonly<Record<K, number>>[], key: K): number {
  return all.reduce((n, one) => n + one[key], 0);
}

function failedTraces(all: readonly Counts[]): string[] {
  return all
    .flatMap(({ exemplar }) => (exemplar?.failed === true ? [exemplar] : []))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .map(({ traceId }) => traceId);
}
