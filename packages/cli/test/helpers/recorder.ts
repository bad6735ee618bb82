import type { Exemplar, Series } from "../../src/index.ts";

/** One request, as one side of it saw it. */
export interface Seen {
  /** Seconds before now, so negative. */
  readonly at: number;
  readonly ms: number;
  readonly status: number | string;
  readonly failed: boolean;
  readonly aborted: boolean;
  readonly error?: string | undefined;
  readonly traceId: string;
}

const GAMMA = 1.02;
const RUN_S = 60;

/** Counts requests as `@whodunit/tracing` does: by side, peer and route, over three windows. */
export class Recorder {
  readonly #seen = new Map<string, Seen[]>();

  add(side: "server" | "client", peer: string, route: string, seen: Seen): void {
    const key = JSON.stringify([side, peer, route]);
    const all = this.#seen.get(key);
    if (all === undefined) this.#seen.set(key, [seen]);
    else all.push(seen);
  }

  series(nowMs: number): Series[] {
    return [...this.#seen].flatMap(([key, all]) => {
      const [side, peer, route] = JSON.parse(key) as ["server" | "client", string, string];
      const past = all.filter(({ at }) => at <= 0).sort((a, b) => a.at - b.at);
      return [10, 60, 600].flatMap((windowS) => {
        const inside = past.filter(({ at }) => at > -windowS);
        if (inside.length === 0) return [];
        return [
          {
            side,
            peer,
            route,
            windowS,
            ...countUp(inside),
            failingSince: failingSince(past, nowMs),
          } as Series,
        ];
      });
    });
  }
}

function countUp(seen: readonly Seen[]) {
  const counted = seen.filter(({ aborted }) => !aborted);
  const classes: Record<string, number> = {};
  const bins = new Map<number, number>();
  for (const { status, ms } of counted) {
    const name = typeof status === "number" ? `${Math.floor(status / 100)}xx` : status;
    classes[name] = (classes[name] ?? 0) + 1;
    const bin = Math.ceil(Math.log(Math.max(ms, 0.001)) / Math.log(GAMMA));
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  return {
    count: counted.length,
    failures: counted.filter(({ failed }) => failed).length,
    aborted: seen.length - counted.length,
    classes,
    latency: { gamma: GAMMA, bins: [...bins].sort(([a], [b]) => a - b) },
    exemplar: exemplarOf(counted),
  };
}

function exemplarOf(counted: readonly Seen[]): Exemplar | null {
  const last = counted.findLast(({ failed }) => failed) ?? counted.at(-1);
  if (last === undefined) return null;
  const { traceId, at, status, failed, error } = last;
  const time = new Date(Date.now() + at * 1_000).toISOString();
  return {
    traceId,
    spanId: traceId.slice(16),
    at: time,
    status,
    failed,
    ...(error === undefined ? {} : { error }),
  };
}

function failingSince(past: readonly Seen[], nowMs: number): string | null {
  let since: number | null = null;
  let last = Number.NEGATIVE_INFINITY;
  for (const { at, failed } of past) {
    if (!failed) continue;
    if (at - last > RUN_S) since = at;
    last = at;
  }
  return since === null || last < -RUN_S ? null : new Date(nowMs + since * 1_000).toISOString();
}
