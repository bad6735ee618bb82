import { Traffic } from "../../packages/tracing/src/traffic/traffic.ts";
import { Unanswered, UnansweredRequests } from "../../packages/tracing/src/traffic/unanswered.ts";
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

/** A name and a value of thirty fields, as `describeRequest` has them; what tells most is among them. */
function described(i: number, failed: boolean): readonly unknown[] {
  const fields: unknown[] = ["tenant", failed ? "acme" : `tenant-${i % 40}`];
  for (let field = 0; field < 30; field++) fields.push(`field${field}`, `value-${(i * 7 + field) % 50}`);
  return fields;
}

function record(describes = false): Variant {
  const traffic = new Traffic({ service: "web", instance: "1", version: null, classify: undefined });
  const routes = Array.from({ length: ROUTES }, (_, i) => `GET /route/${i}`);
  const isBad = (i: number): boolean => i % 50 === 0;
  const fields = Array.from({ length: 1_000 }, (_, i) => described(i, isBad(i)));
  let recorded = 0;
  return {
    run: (i) => {
      traffic.record({
        side: "server",
        peer: "caller",
        route: routes[i % ROUTES] as string,
        status: isBad(i) ? 500 : 200,
        errorType: undefined,
        aborted: false,
        durationMs: 1 + (i % 97),
        trace: TRACE,
        thrown: undefined,
        described: describes ? fields[i % fields.length] : undefined,
        path: "/route/7",
      });
      recorded++;
    },
    // Windows end while this runs: the longest holds all of it, or a slot of it has gone.
    delivered: () => {
      const { series, attributes } = traffic.snapshot();
      const held = series.reduce((sum, one) => sum + (one.windowS === 600 ? one.count : 0), 0);
      const isTold = !describes || attributes.some(({ values }) => values[0]?.value === "acme");
      return held === recorded && isTold ? recorded : Number.NaN;
    },
  };
}

const UNDER_WAY = 100;

class UnderWay extends Unanswered {
  readonly startedAtMs = 0;

  waitsFor(): undefined {}
}

/** A request that waits for its answer while a hundred others do. */
function waiting(): Variant {
  const unanswered = new UnansweredRequests();
  const underWay = Array.from({ length: UNDER_WAY }, () => new UnderWay());
  for (const one of underWay) unanswered.add(one);
  return {
    run: (i) => {
      unanswered.delete(underWay[i % UNDER_WAY] as UnderWay);
      const next = new UnderWay();
      underWay[i % UNDER_WAY] = next;
      unanswered.add(next);
    },
  };
}

export const micro: Micro = {
  title: "one record of traffic",
  note: "Twenty routes of one caller, 2 % failures, every record with a trace to show. 300 ns are promised, and 2,000 ns for what describes a request, here by 31 fields; waiting is what a request costs besides while it has no answer.",
  variants: {
    "a count in a Map": countInMap,
    "traffic.record()": () => record(),
    "waiting among a hundred": waiting,
    "traffic.record(), described by 31 fields": () => record(true),
  },
};
