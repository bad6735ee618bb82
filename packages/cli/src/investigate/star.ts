/** A way from a caller to a callee on which something may be wrong that neither of both is known to have done. */
export interface Edge {
  readonly caller: string;
  readonly callee: string;
  /** How bad it is; 0 where all is well. */
  readonly harm: number;
}

/** Who explains some of the bad edges. */
export interface Centre<E extends Edge> {
  readonly service: string;
  readonly edges: readonly E[];
  /** Whether the service calls on all of these edges: then they may be its own doing. */
  readonly calls: boolean;
}

// Most of the ways of one side bad, or some of both and half of all: it is who stands in their middle.
const MOST = 0.6;
const HALF = 0.5;

/**
 * The fewest services that explain the bad edges, those with most of them first: who stands at the end of two or more,
 * and at the end of most that come in, most that go out, or half of both. What is left over is its callee's.
 */
export function centresOf<E extends Edge>(edges: readonly E[]): Centre<E>[] {
  const centres: Centre<E>[] = [];
  let left = edges.filter(({ harm }) => harm > 0);
  while (left.length > 0) {
    const [worst] = left.toSorted((a, b) => b.harm - a.harm);
    // Equally many edges: the worst one's callee, then its caller.
    const names = new Set([worst!.callee, worst!.caller, ...left.flatMap((one) => [one.callee, one.caller])]);
    const middle = [...names]
      .map((service) => ({ service, own: explainedBy(service, edges, left) }))
      .filter(({ own }) => own.length >= 2)
      .toSorted((a, b) => b.own.length - a.own.length)[0];
    const service = middle?.service ?? worst!.callee;
    const own = middle?.own ?? left.filter(({ callee }) => callee === service);
    centres.push({ service, edges: own, calls: own.every(({ caller }) => caller === service) });
    left = left.filter((one) => !own.includes(one));
  }
  return centres;
}

function explainedBy<E extends Edge>(service: string, all: readonly E[], left: readonly E[]): readonly E[] {
  const isBad = ({ harm }: E): boolean => harm > 0;
  const partOf = (edges: readonly E[]): number => edges.filter(isBad).length / Math.max(1, edges.length);
  const sides = (["caller", "callee"] as const).map((end) => all.filter((one) => one[end] === service));
  const both = sides.every((side) => side.some(isBad)) && partOf(sides.flat()) >= HALF;
  const own = new Set(both ? sides.flat() : sides.filter((side) => partOf(side) >= MOST).flat());
  return left.filter((one) => own.has(one));
}
