import type { ResourceWindow } from "../../../tracing/src/resources/resources.ts";
import { WaitWindows } from "../../../tracing/src/resources/waits.ts";
import { WINDOWS } from "../../../tracing/src/traffic/slots.ts";
import type { CountedRequest } from "./count-requests.ts";

// The services look once a second, and a little later each time.
const LOOKED_MS = 1_125;
// Of all but waits these processes have nothing to tell: nothing keeps them from running.
const CALM: Omit<ResourceWindow, "windowS" | "seconds" | "waits"> = {
  eventLoop: { utilization: 0.05, delayMs: { mean: 0, max: 2 } },
  gc: { share: 0.005, longestMs: 2 },
  cpu: { used: 0.05, limit: null, throttled: null, queued: null },
  memory: { heapBytes: 4e7, heapLimitBytes: 2e9, rssBytes: 1e8, rssLimitBytes: null },
};

interface Wait {
  readonly peer: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sockets: number;
}

/**
 * What a process tells of itself, to be asked in the order of time: who of its calls waits for a socket, as an agent of Node's
 * HTTP client shows it whose number of sockets is limited.
 *
 * @param startedMs when it started
 * @param nowMs the moment from which the requests' times count
 */
export function tellResources(
  requests: readonly CountedRequest[],
  startedMs: number,
  nowMs: number,
): (atMs: number) => ResourceWindow[] {
  const told = new WaitWindows();
  const coming = waitsOf(requests, nowMs);
  let waiting: Wait[] = [];
  let lookMs = startedMs + LOOKED_MS;
  let next = 0;
  const look = (): void => {
    while (next < coming.length && coming[next]!.fromMs <= lookMs) waiting.push(coming[next++]!);
    waiting = waiting.filter(({ toMs }) => toMs > lookMs);
    const byPeer = Map.groupBy(waiting, ({ peer }) => peer);
    told.add(
      lookMs,
      [...byPeer].map(([name, all]) => {
        return { kind: "sockets", name, waiting: all.length, size: all[0]!.sockets };
      }),
    );
  };
  return (atMs) => {
    for (; lookMs <= atMs; lookMs += LOOKED_MS) look();
    return WINDOWS.flatMap(({ windowS }) => {
      const seconds = Math.floor(Math.min(windowS, (atMs - startedMs) / 1_000));
      const waits = told.read(windowS, atMs, (1_000 * seconds) / LOOKED_MS);
      return seconds < 1 ? [] : [{ ...CALM, windowS, seconds, waits }];
    });
  };
}

function waitsOf(requests: readonly CountedRequest[], nowMs: number): Wait[] {
  return requests
    .flatMap(({ waited, endedAt, ms, peer }) => {
      if (waited === undefined || waited.ms === 0) return [];
      const fromMs = nowMs + endedAt * 1_000 - ms;
      return [{ peer, fromMs, toMs: fromMs + waited.ms, sockets: waited.sockets }];
    })
    .sort((a, b) => a.fromMs - b.fromMs);
}
