// The services' own counting, by a fake clock: what a verdict is made of is what they would really answer.
import { Traffic } from "../../../tracing/src/traffic/traffic.ts";
import { tellResources } from "./tell-resources.ts";
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
  /** For how long a call waited for a socket of its HTTP client, and how many there are. @default it did not */
  readonly waited?: { readonly ms: number; readonly sockets: number };
}

/** What each instance that still runs answers on `/debug/traffic`, by its id. */
export type Documents = ReadonlyMap<string, object>;

/** Looks at an instance's counting at some moments, in seconds before now. */
export interface Look {
  readonly nowMs: number;
  readonly moments: readonly number[];
  readonly see: (traffic: Traffic, instance: PlannedInstance, at: number) => void;
}

/** Counts the requests of each instance in the order in which they ended. */
export function countRequests(
  services: readonly PlannedService[],
  requests: readonly CountedRequest[],
  sinceS: number,
  look?: Look,
): Documents {
  const nowMs = look?.nowMs ?? Date.now();
  const documents = new Map<string, object>();
  const byInstance = Map.groupBy(requests, ({ instance }) => instance);
  for (const { name, instances } of services) {
    for (const instance of instances) {
      if ((instance.endedAt ?? 0) < 0) continue;
      const own = (byInstance.get(instance.id) ?? []).filter(({ endedAt }) => endedAt <= 0);
      documents.set(instance.id, countOne(name, instance, own, nowMs, sinceS, look));
    }
  }
  return documents;
}

function countOne(
  service: string,
  instance: PlannedInstance,
  requests: CountedRequest[],
  nowMs: number,
  sinceS: number,
  look: Look | undefined,
): object {
  const { id, version, startedAt, clockAheadS = 0 } = instance;
  let clockMs = nowMs + (startedAt ?? -sinceS) * 1_000;
  // The monotonic clock begins somewhere: here with the wall clock of those whose clocks are right.
  const clock = { monotonicMs: () => clockMs, wallMs: (ms: number) => ms + clockAheadS * 1_000 };
  const resourcesAt = tellResources(requests, clockMs, nowMs);
  const resources = () => resourcesAt(clockMs);
  const traffic = new Traffic({ service, instance: id, version, classify: undefined, clock, resources });
  const moments = (look?.moments ?? [])
    .filter((at) => at >= (startedAt ?? -sinceS))
    .toSorted((a, b) => a - b);
  const seeUntil = (until: number): void => {
    for (; moments.length > 0 && moments[0]! <= until; moments.shift()) {
      clockMs = nowMs + moments[0]! * 1_000;
      look?.see(traffic, instance, moments[0]!);
    }
  };
  requests.sort((a, b) => a.endedAt - b.endedAt);
  for (const { endedAt, side, peer, route, ms, status, aborted, error, traceId } of requests) {
    seeUntil(endedAt);
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
  seeUntil(0);
  clockMs = nowMs;
  return JSON.parse(JSON.stringify(traffic.snapshot()));
}
