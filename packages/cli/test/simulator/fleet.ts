/** A generated fleet, as a store has scraped it. */
export interface Fleet {
  readonly services: number;
  readonly instances: number;
  /** Who fails 30 % of one route in the last minute; the services above it in the tree fail with it. */
  readonly culprit: number;
  /** Unix seconds. */
  readonly atS: number;
}

/** At which moments, in seconds before `atS`, a fleet was scraped: what a verdict about a minute asks for, and no more. */
export const FLEET_MOMENTS: readonly number[] = [-88_200, -84_600, -4_200, -600, -60, 0];

const BOUNDS_S = [
  "0.005",
  "0.01",
  "0.025",
  "0.05",
  "0.075",
  "0.1",
  "0.25",
  "0.5",
  "0.75",
  "1.0",
  "2.5",
  "5.0",
  "7.5",
  "10.0",
  "+Inf",
];
const PER_SECOND = 4;
const BEGAN_S = 3 * 86_400;
const FAULT_S = 60;
const SHARE = 0.3;
const GAUGES = [
  ...[
    "eventloop_utilization_ratio 0.3",
    "eventloop_delay_mean_seconds 0.001",
    "eventloop_delay_max_seconds 0.012",
  ],
  ...["gc_ratio 0.01", "gc_longest_seconds 0.004", "cpu_used 0.4", "cpu_limit 2", "cpu_throttled_ratio 0"],
  ...[
    "cpu_queued_ratio 0.01",
    "memory_heap_bytes 8e7",
    "memory_heap_limit_bytes 2e9",
    "memory_rss_bytes 2e8",
  ],
];

const nameOf = (i: number): string => `service-${i}`;
const parentOf = (i: number): number => (i - 1) >> 1;

/** The OpenMetrics of some of a fleet's services at all its moments, about 120 series an instance, no `# EOF`. */
export function* fleetLines(fleet: Fleet, from: number, to: number): Iterable<string> {
  const onPath = new Set<number>();
  for (let i = fleet.culprit; i >= 0; i = i === 0 ? -1 : parentOf(i)) onPath.add(i);
  for (let i = from; i < to; i++) {
    for (let instance = 0; instance < fleet.instances; instance++) yield linesOf(fleet, onPath, i, instance);
  }
}

function linesOf({ services, atS }: Fleet, onPath: ReadonlySet<number>, i: number, instance: number): string {
  const lines: string[] = [];
  const own = `service_name="${nameOf(i)}",service_instance_id="${i}-${instance}",service_version="1.0.0",namespace="shop",job="whodunit",instance="10.${i >> 8}.${i & 255}.${instance + 1}:8080"`;
  const caller = i === 0 ? "unknown" : nameOf(parentOf(i));
  for (const moment of FLEET_MOMENTS) {
    const put = (name: string, labels: string, value: number): void =>
      void lines.push(`whodunit_${name}{${own}${labels}} ${value} ${atS + moment}\n`);
    const all = PER_SECOND * (BEGAN_S + moment);
    const bad = Math.max(0, Math.round(SHARE * PER_SECOND * (FAULT_S + moment)));
    const counted = (labels: string, isBad: boolean): void => {
      put("requests_total", `,${labels},class="2xx",outcome="success"`, isBad ? all - bad : all);
      put("requests_total", `,${labels},class="4xx",outcome="success"`, Math.round(all / 100));
      put("requests_total", `,${labels},class="5xx",outcome="failure"`, isBad ? bad : 0);
    };
    const timed = (labels: string): void => {
      for (const [rank, le] of BOUNDS_S.entries()) {
        const share = rank < 2 ? 0 : rank === 2 ? 0.6 : rank === 3 ? 0.95 : 1;
        put("request_duration_seconds_bucket", `,${labels},le="${le}"`, Math.round(share * all * 1.01));
      }
      put("request_duration_seconds_count", `,${labels}`, Math.round(all * 1.01));
      put("request_duration_seconds_sum", `,${labels}`, all * 0.024);
    };
    for (const route of ["GET /a", "POST /b"]) {
      counted(`side="server",peer="${caller}",route="${route}"`, onPath.has(i) && route === "POST /b");
      timed(`side="server",route="${route}"`);
    }
    for (const child of [2 * i + 1, 2 * i + 2].filter((one) => one < services)) {
      const peer = `peer="${nameOf(child)}.shop.svc:8080"`;
      counted(`side="client",${peer},route="GET"`, false);
      counted(`side="client",${peer},route="POST"`, onPath.has(child));
      timed(`side="client",${peer}`);
    }
    put("requests_total", `,side="client",peer="db-${i}",route="query",class="ok",outcome="success"`, all);
    timed(`side="client",peer="db-${i}"`);
    put("start_time_seconds", "", atS - BEGAN_S);
    for (const gauge of GAUGES) {
      const [name = "", value] = gauge.split(" ");
      put(name, "", Number(value));
    }
  }
  return lines.join("");
}
