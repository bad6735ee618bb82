import { fileURLToPath } from "node:url";
import { isRecord } from "../is-record.ts";

/** A function of the service's own, and how much time was spent in it and in what others did for it. */
export interface HotFunction {
  /** `countVotes`; without a name of its own `(anonymous) in countVotes`, the function that it works for, or `(anonymous)`. */
  readonly name: string;
  /** Its file as the process has it, and the line where it begins. */
  readonly file: string;
  readonly line: number;
  readonly ms: number;
  /** Of the time that was profiled, from 0 to 1. */
  readonly share: number;
}

/** What a CPU profile comes to. */
export interface Hottest {
  readonly profiledMs: number;
  /** Shares of that time. */
  readonly busyShare: number;
  readonly gcShare: number;
  /** The service's own functions, the hottest first. */
  readonly functions: readonly HotFunction[];
}

interface Node {
  readonly name: string;
  readonly url: string;
  readonly line: number;
  parent: Node | undefined;
}

const MAX_FUNCTIONS = 10;
// V8's names of what is no function.
const IDLE = "(idle)";
const GARBAGE = "(garbage collector)";
const ANONYMOUS = "(anonymous)";

/**
 * The service's own functions by the time spent in them, itself or by libraries, Node and the engine for them: what
 * `JSON.parse` takes is its caller's. Null where the value is no CPU profile.
 */
export function hottestIn(profile: unknown): Hottest | null {
  if (!isRecord(profile)) return null;
  const { samples, timeDeltas } = profile;
  const nodes = readNodes(profile.nodes);
  if (nodes === null || !Array.isArray(samples) || !Array.isArray(timeDeltas)) return null;
  const spent = new Map<string, { name: string; at: Node; us: number }>();
  let [allUs, idleUs, gcUs] = [0, 0, 0];
  samples.forEach((id: unknown, i) => {
    const node = nodes.get(id);
    // A delta is the time before its sample; what a sample found went on until the next.
    const us = readUs(timeDeltas[i + 1]);
    allUs += us;
    if (node === undefined) return;
    if (node.name === IDLE) idleUs += us;
    if (node.name === GARBAGE) gcUs += us;
    const own = ownAbove(node);
    if (own === undefined) return;
    const name = nameOf(own);
    const key = JSON.stringify([name, own.url, own.line]);
    const known = spent.get(key);
    if (known === undefined) spent.set(key, { name, at: own, us });
    else known.us += us;
  });
  const functions = [...spent.values()]
    .sort((a, b) => b.us - a.us)
    .slice(0, MAX_FUNCTIONS)
    .map(({ name, at: { url, line }, us }): HotFunction => {
      return {
        name,
        file: pathOf(url),
        line: line + 1,
        ms: us / 1_000,
        share: us / allUs,
      };
    });
  const share = (us: number): number => (allUs === 0 ? 0 : us / allUs);
  return { profiledMs: allUs / 1_000, busyShare: 1 - share(idleUs), gcShare: share(gcUs), functions };
}

function readNodes(value: unknown): Map<unknown, Node> | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const nodes = new Map<unknown, Node>();
  const children: [Node, unknown[]][] = [];
  for (const one of value as unknown[]) {
    if (!isRecord(one) || !isRecord(one.callFrame)) return null;
    const { functionName, url, lineNumber } = one.callFrame;
    if (typeof functionName !== "string" || typeof url !== "string") return null;
    const line = typeof lineNumber === "number" ? lineNumber : 0;
    const node: Node = { name: functionName, url, line, parent: undefined };
    nodes.set(one.id, node);
    if (Array.isArray(one.children)) children.push([node, one.children]);
  }
  for (const [parent, ids] of children) {
    for (const id of ids) {
      const child = nodes.get(id);
      if (child !== undefined) child.parent = parent;
    }
  }
  return nodes;
}

function ownAbove(node: Node): Node | undefined {
  // A profile that another process sent may go in circles.
  const seen = new Set<Node>();
  for (let one: Node | undefined = node; one !== undefined && !seen.has(one); one = one.parent) {
    if (isOwn(one.url)) return one;
    seen.add(one);
  }
  return undefined;
}

/** A function without a name, such as a comparator, is known by the one that it works for. */
function nameOf(node: Node): string {
  if (node.name !== "") return node.name;
  const above = node.parent === undefined ? undefined : ownAbove(node.parent);
  return above === undefined || above.name === "" ? ANONYMOUS : `${ANONYMOUS} in ${above.name}`;
}

const isOwn = (url: string): boolean =>
  /^(?:file:|\/|[a-z]:[\\/])/i.test(url) && !/[\\/]node_modules[\\/]/.test(url);

function pathOf(url: string): string {
  try {
    return url.startsWith("file:") ? fileURLToPath(url) : url;
  } catch {
    // The path of another system.
    return url;
  }
}

const readUs = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
