import { peerKey } from "../live/address.ts";
import { middle } from "../live/latency.ts";
import type { Series } from "../live/traffic-document.ts";
import { namesOf } from "./peers.ts";
import type { Process } from "./processes.ts";

// Far less than accuses anybody: whom nobody looks at cannot be named.
const MIN_BAD = 2;
const MIN_SHARE = 0.005;
const MIN_TIMES = 1.25;
const MIN_EXTRA_MS = 10;
// The worst, and those beside them; of more, a verdict would name none of the rest.
const WORST_MAX = 30;
const ALL_MAX = 60;

/** The services that may be at fault, by sums alone, and those at the other end of what is bad. */
export function suspectsOf(processes: readonly Process[]): ReadonlySet<string> {
  const names = namesOf(
    processes,
    processes.flatMap(({ series }) => series),
  );
  const services = new Set(processes.map(({ service }) => service));
  const bad = processes.flatMap(({ service, series, baseline }) =>
    series.flatMap((one) => {
      const harm = harmOf(one, baseline);
      if (harm === 0) return [];
      const other = names.get(peerKey(one.peer) ?? "") ?? one.peer;
      return [{ service, other, harm }];
    }),
  );
  const worst = bad.toSorted((a, b) => b.harm - a.harm);
  const first = [...new Set(worst.map(({ service }) => service))].slice(0, WORST_MAX);
  const beside = worst.flatMap(({ service, other }) =>
    first.includes(service) && services.has(other) ? [other] : [],
  );
  return new Set([...first, ...beside].slice(0, ALL_MAX));
}

/** How many requests are bad, or late for how long, in one number to sort by; 0 where none is. */
function harmOf(now: Series, baseline: readonly Series[]): number {
  const was = baseline.find(
    ({ side, peer, route }) => side === now.side && peer === now.peer && route === now.route,
  );
  const all = now.count + now.aborted;
  const usual = was === undefined ? 0 : (badOf(was) / Math.max(1, was.count + was.aborted)) * all;
  const bad = badOf(now);
  if (bad >= MIN_BAD && bad >= MIN_SHARE * all && bad >= MIN_TIMES * usual + Math.sqrt(usual)) return bad;
  const [nowMs, wasMs] = [meanOf(now), was === undefined ? undefined : meanOf(was)];
  if (nowMs === undefined || wasMs === undefined) return 0;
  const extraMs = nowMs - wasMs;
  return extraMs >= MIN_EXTRA_MS && nowMs >= MIN_TIMES * wasMs ? (now.count * extraMs) / nowMs : 0;
}

const badOf = ({ failures, aborted, classes }: Series): number => failures + aborted + (classes["4xx"] ?? 0);

function meanOf({ latency: { gamma, bins } }: Series): number | undefined {
  const all = bins.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return undefined;
  return bins.reduce((sum, [index, count]) => sum + count * middle(gamma, index), 0) / all;
}
