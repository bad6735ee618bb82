// The services' own counting, by a fake clock: what a verdict is made of is what they would really answer.
import { Traffic } from "../../../tracing/src/traffic/traffic.ts";
import type { PlannedInstance, PlannedService } from "./topology.ts";

/** One request, as one side of it saw it. */
export interface CountedRequest {
  readonly instance: string;
  /** Seconds before now, so negative. */
  readonly endedAt: number;
  readonly side: "server" | "client";
  readonly peer: string;
  readonly route: string;
  readonly ms: number;
  /** A status, or an error's type, or `ok` of a callee that has no status. */
  readonly status: number | string;
  readonly aborted: boolean;
  readonly error: string | undefined;
  readonly traceId: string;
}

/** What each instance that still runs answers on `/debug/traffic`, by its id. */
export type Documents = ReadonlyMap<string, object>;

/** Counts the requests of each instance in the order in which they ended. */
export function countRequests(
  services: readonly PlannedService[],
  requests: readonly CountedRequest[],
  sinceS: number,
): Documents {
  const nowMs = Date.now();
  const documents = new Map<string, object>();
  const byInstance = Map.groupBy(requests, ({ instance }) => instance);
  for (const { name, instances } of services) {
    for (const instance of instances) {
      if ((instance.endedAt ?? 0) < 0) continue;
      const own = (byInstance.get(instance.id) ?? []).filter(({ endedAt }) => endedAt <= 0);
      documents.set(instance.id, countOne(name, instance, own, nowMs, sinceS));
    }
  }
  return documents;
}

function countOne(
  service: string,
  { id, version, startedAt }: PlannedInstance,
  requests: CountedRequest[],
  nowMs: number,
  sinceS: number,
): object {
  let clockMs = nowMs + (startedAt ?? -sinceS) * 1_000;
  // The monotonic clock begins somewhere: here with the wall clock.
  const clock = { monotonicMs: () => clockMs, wallMs: (ms: number) => ms };
  const traffic = new Traffic({ service, instance: id, version, classify: undefined, clock });
  requests.sort((a, b) => a.endedAt - b.endedAt);
  for (const { endedAt, side, peer, route, ms, status, aborted, error, traceId } of requests) {
    clockMs = nowMs + endedAt * 1_000;
    const answered = typeof status === "number";
    traffic.record({
      ...{ side, peer, route, aborted, durationMs: ms },
      status: answered ? status : undefined,
      errorType: answered || status === "ok" ? undefined : status,
      trace: { traceId, spanId: traceId.slice(16) },
      thrown: error,
    });
  }
  clockMs = nowMs;
  return JSON.parse(JSON.stringify(traffic.snapshot()));
}
