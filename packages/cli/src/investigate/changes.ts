import type { Instance, Survey } from "../sources/live/survey.ts";
import { lifetimeS } from "../sources/live/traffic-document.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { answers, extraTimeMs, meanMs } from "./slower.ts";
import { addUpCounts, isFailing, type Suspect, total } from "./suspect.ts";

/** What was changed at a culprit just before it began. */
export interface ChangeEvidence {
  /** When, ISO 8601. */
  readonly at: string;
  /** The address of the instance. */
  readonly instance: string;
  /** `start`: a process; `level`: of log lines; `report`: told by the application. */
  readonly kind: string;
  /** In words: `version 1.8.3 replaced 1.8.2`, `flag checkout-v2 on`. */
  readonly what: string;
  /** How many seconds before the fault began; null where it is not known when that was. */
  readonly secondsBefore: number | null;
  /** Of a version: the other versions that run beside it and are well. */
  readonly wellVersions: readonly string[];
}

// What comes after is told a moment late: requests that fail end after they began.
const JUST_BEFORE_S = 120;
const LATE_S = 5;
// Where nobody knows when it began, what was changed so recently may be it.
const RECENT_S = 900;
const MAX_SHOWN = 3;

/** What was changed at the culprit's own instances just before it began, the nearest first. */
export function changesBefore(
  { services }: Survey,
  graph: Graph,
  before: Graph,
  culprit: Suspect,
): ChangeEvidence[] {
  const node = graph.get(culprit.service);
  const instances = services.find(({ name }) => name === culprit.service)?.instances ?? [];
  if (node === undefined) return [];
  const onset = onsetOf(culprit, graph);
  const found = instances.flatMap((instance) =>
    changesOf(instance).flatMap(({ at, kind, what }): ChangeEvidence[] => {
      const age = (Date.parse(instance.document.now) - Date.parse(at)) / 1_000;
      const secondsBefore = onset === null ? null : Math.round((onset - Date.parse(at)) / 1_000);
      const isNear =
        secondsBefore === null ? age <= RECENT_S : secondsBefore >= -LATE_S && secondsBefore <= JUST_BEFORE_S;
      if (!isNear) return [];
      if (kind === "start" && !isLater(instance, services)) return [];
      const one = { at, instance: instance.address, kind, what, secondsBefore, wellVersions: [] };
      return kind === "start"
        ? asStart(one, instance, node, before.get(node.name), instances, culprit)
        : [one];
    }),
  );
  const nearest = found.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  // Ten instances of one version started together are one change.
  return nearest
    .filter(({ what }, i) => nearest.findIndex((one) => one.what === what) === i)
    .slice(0, MAX_SHOWN);
}

const MIN_LATER_S = 30;

// Where all started together, a start is no change.
function isLater({ document }: Instance, services: Survey["services"]): boolean {
  const own = lifetimeS(document);
  const others = services.flatMap(({ instances }) => instances.map((one) => lifetimeS(one.document)));
  return others.some((oldS) => Number.isFinite(oldS) && oldS >= own + MIN_LATER_S);
}

// Those that do not tell their changes tell their start all the same.
function changesOf({ document: { changes, startedAt, version } }: Instance): Instance["document"]["changes"] {
  if (changes.some(({ kind }) => kind === "start") || startedAt === "") return changes;
  return [{ at: startedAt, kind: "start", what: version === null ? "" : `version ${version}` }, ...changes];
}

/** When it began, as its callers tell it, who were there before a new process was; null where it is not known. */
function onsetOf({ service, since }: Suspect, graph: Graph): number | null {
  if (since === null) return null;
  const callers = [...graph.values()]
    .flatMap(({ outbound }) => outbound.filter(({ callee }) => callee === service))
    .flatMap(({ counts }) =>
      counts.failingSince === null || !isFailing(counts) ? [] : [Date.parse(counts.failingSince)],
    );
  return Math.min(Date.parse(since), ...callers);
}

/** A start is to blame where the fault is the new process's: not where others of another version fare as badly. */
function asStart(
  change: ChangeEvidence,
  { address, document }: Instance,
  node: GraphNode,
  earlier: GraphNode | undefined,
  instances: readonly Instance[],
  culprit: Suspect,
): ChangeEvidence[] {
  const bad = new Set(node.instances.filter((one) => isBad(one, node, culprit)).map(({ name }) => name));
  const nameOf = ({ address: at, document: { version } }: Instance): string =>
    version === null ? at : `${at}, version ${version}`;
  const others = instances.filter((one) => one.document.version !== document.version);
  if (others.some((one) => bad.has(nameOf(one)))) return [];
  const wellVersions = [...new Set(others.flatMap(({ document: { version } }) => version ?? []))];
  // Alone, and slow: it must have been slow from its start on, or something else happened to it since.
  if (culprit.failures === 0 && others.length === 0 && wasFast(node, earlier)) return [];
  const version = document.version === null ? `a new process at ${address}` : `version ${document.version}`;
  const replaced = wellVersions.length > 0 ? "started beside" : "started";
  const what =
    wellVersions.length > 0 ? `${version} ${replaced} ${wellVersions.join(", ")}` : `${version} ${replaced}`;
  return [{ ...change, what, wellVersions }];
}

function isBad(one: GraphNode["instances"][number], node: GraphNode, culprit: Suspect): boolean {
  if (culprit.failures > 0) return isFailing(total(one.inbound));
  const own = meanMs(addUpCounts(one.inbound), 5) ?? 0;
  const all = meanMs(addUpCounts(node.inbound), 5) ?? 0;
  return own >= all;
}

// Whether the process itself has seen better: then it did not come with it.
function wasFast(node: GraphNode, earlier: GraphNode | undefined): boolean {
  const was = addUpCounts(earlier?.inbound ?? []);
  const now = addUpCounts(node.inbound);
  if (answers(was) < 20) return false;
  return extraTimeMs(now, was) > 0.5 * answers(now) * (meanMs(now, 1) ?? 0);
}
