import { Traffic } from "../../packages/tracing/src/traffic/traffic.ts";
import type { Micro, Variant } from "../lib/micro.ts";

const ROUTES = 20;
const TRACE = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

/** A Map that is counted up by a key of text: what cannot be done without. */
function countInMap(): Variant {
  const counts = new Map<string, number>();
  const keys = Array.from({ length: ROUTES }, (_, i) => `server\0caller\0GET /route/${i}`);
  return {
    run: (i) => {
      const key = keys[i % ROUTES] as string;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
  };
}

function record(): Variant {
  const traffic = new Traffic({ service: "web", instance: "1", version: null, classify: undefined });
  const routes = Array.from({ length: ROUTES }, (_, i) => `GET /route/${i}`);
  let recorded = 0;
  return {
    run: (i) => {
      traffic.record({
        side: "server",
        peer: "caller",
        route: routes[i % ROUTES] as string,
        status: i % 50 === 0 ? 500 : 200,
        errorType: undefined,
        aborted: false,
        durationMs: 1 + (i % 97),
        trace: TRACE,
        thrown: undefined,
      });
      recorded++;
    },
    // Windows end while this runs: the longest holds all of it, or a slot of it has gone.
    delivered: () => {
      const held = traffic
        .snapshot()
        .series.reduce((sum, one) => sum + (one.windowS === 600 ? one.count : 0), 0);
      return held === recorded ? recorded : Number.NaN;
    },
  };
}

export const micro: Micro = {
  title: "one record of traffic",
  note: "Twenty routes of one caller, 2 % failures, every record with a trace to show. 300 ns are promised.",
  variants: {
    "a count in a Map": countInMap,
    "traffic.record()": record,
  },
};
