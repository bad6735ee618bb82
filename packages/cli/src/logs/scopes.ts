import { nameSegments } from "./line-name.ts";
import type { NameCount } from "./summarise.ts";

/** A scope of names, such as `api-sync`, and what is below it. */
export interface Scope {
  /** The segment of this scope, joined with those that have no branches. */
  readonly segment: string;
  readonly count: number;
  readonly below: readonly Scope[];
}

interface Node {
  count: number;
  readonly below: Map<string, Node>;
}

const createNode = (): Node => ({ count: 0, below: new Map() });

/** Adds names up along their segments: `api` is the sum of `api-purchase` and `api-sync`. */
export function scopeTree(names: readonly NameCount[]): Scope[] {
  const root = createNode();
  for (const { name, count } of names) {
    let node = root;
    for (const segment of nameSegments(name)) {
      const next = node.below.get(segment) ?? createNode();
      node.below.set(segment, next);
      next.count += count;
      node = next;
    }
  }
  return scopesOf(root);
}

function scopesOf({ below }: Node): Scope[] {
  return [...below].map(([first, node]) => {
    let segment = first;
    let last = node;
    // A scope with one branch that has all of its count says nothing of its own.
    while (last.below.size === 1) {
      const [[name, only]] = [...last.below] as [[string, Node]];
      if (only.count !== last.count) break;
      segment += name.startsWith(": ") ? name : `-${name}`;
      last = only;
    }
    return { segment: segment.replace(/^: /, ""), count: node.count, below: scopesOf(last) };
  });
}
