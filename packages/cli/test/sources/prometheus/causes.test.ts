import assert from "node:assert/strict";
import { test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { type CauseKind, type InvestigateOptions, investigate } from "../../../src/index.ts";
import { deadAddress } from "../../helpers/fake-service.ts";

const AT_S = Math.floor(Date.now() / 1_000) - 3_600;
const STARTED_S = AT_S - 90_000;
const STEP_S = 30;
const FAULT_S = 60;
const PER_SECOND = 10;
const WELL_MS = 20;
const SLOW_MS = 800;

/** What a process had before and in the last minute, by metric and labels. */
type Had = Readonly<Record<string, readonly [before: number, now: number]>>;

const WELL: Had = {
  eventloop_utilization_ratio: [0.2, 0.2],
  eventloop_delay_max_seconds: [0.004, 0.004],
  gc_ratio: [0.01, 0.01],
  gc_longest_seconds: [0.002, 0.002],
  cpu_limit: [1, 1],
  cpu_throttled_ratio: [0, 0],
  cpu_queued_ratio: [0.01, 0.01],
  memory_heap_bytes: [8e7, 8e7],
  memory_heap_limit_bytes: [5e8, 5e8],
  memory_rss_bytes: [2e8, 2e8],
  memory_rss_limit_bytes: [1e9, 1e9],
};

const HAD: Readonly<Record<CauseKind, readonly [Had, RegExp]>> = {
  "event-loop": [
    { eventloop_utilization_ratio: [0.2, 0.97], eventloop_delay_max_seconds: [0.004, 0.13] },
    /^the event loop stands still: busy 97 % of the time, a timer came up to 130 ms late$/,
  ],
  "garbage-collection": [
    { gc_ratio: [0.01, 0.3], gc_longest_seconds: [0.002, 0.2], eventloop_utilization_ratio: [0.2, 0.6] },
    /^garbage collection takes 30 % of the time, up to 200 ms at once$/,
  ],
  memory: [
    { memory_heap_bytes: [8e7, 4.9e8], gc_ratio: [0.01, 0.1] },
    /^the heap is full: 467 of 477 MB, and garbage collection takes 10 % of the time$/,
  ],
  "cpu-limit": [
    { cpu_throttled_ratio: [0, 0.5] },
    /^its limit of 1 CPU keeps it from running 50 % of the time$/,
  ],
  cpu: [{ cpu_queued_ratio: [0.01, 0.6] }, /^it waits for a CPU 60 % of the time$/],
  pool: [
    {
      'connections_waiting{kind="pool",name="orders"}': [0, 7],
      'connections_limit{kind="pool",name="orders"}': [10, 10],
    },
    /^requests wait for a connection of the pool orders, of which there are 10: 7 at a time$/,
  ],
  sockets: [
    { 'connections_waiting{kind="sockets",name="voting:8080"}': [0, 3] },
    /^requests wait for a socket to voting:8080: 3 at a time$/,
  ],
};

/** What a store has scraped of a service that is slow in the last minute. */
function historyOf(service: string, had: Had): string {
  const own = `service_name="${service}",service_instance_id="${service}-1",service_version="1.0.0"`;
  const lines: string[] = [];
  const moments = [4_200, ...Array.from({ length: 21 }, (_, i) => 600 - i * STEP_S)];
  for (const agoS of moments) {
    const put = (name: string, labels: string, value: number): void =>
      void lines.push(`whodunit_${name}{${own}${labels}} ${value} ${AT_S - agoS}\n`);
    const all = PER_SECOND * (AT_S - agoS - STARTED_S);
    const slow = PER_SECOND * Math.max(0, FAULT_S - agoS);
    put("requests_total", ',side="server",peer="web",route="GET /",class="2xx",outcome="success"', all);
    const server = ',side="server",route="GET /"';
    for (const [le, count] of [
      ["0.01", 0],
      ["0.05", all - slow],
      ["0.5", all - slow],
      ["1.0", all],
      ["+Inf", all],
    ])
      put("request_duration_seconds_bucket", `${server},le="${le}"`, Number(count));
    put("request_duration_seconds_sum", server, ((all - slow) * WELL_MS + slow * SLOW_MS) / 1_000);
    put("start_time_seconds", "", STARTED_S);
    for (const [metric, [before, now]] of Object.entries({ ...WELL, ...had })) {
      const [, name = "", labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(metric)!;
      put(name, labels === "" ? "" : `,${labels}`, agoS >= FAULT_S ? before : now);
    }
  }
  return lines.join("");
}

test("investigate() says from real Prometheus why a process is slow: by each thing that it has exported of itself", async (t) => {
  const history = Object.entries(HAD).map(([kind, [had]]) => historyOf(kind, had));
  const prometheus = await startPrometheus(t, { history: [[...history, historyOf("other", {})].join("")] });
  if (prometheus === undefined) return;
  const view = await deadAddress();
  const why = async (service: string) => {
    const store = { url: prometheus.url, at: new Date(AT_S * 1_000), match: `service_name="${service}"` };
    const options: InvestigateOptions = { store, view };
    const { culprits } = await investigate([], options);
    assert.deepEqual(
      culprits.map((one) => [one.service, one.fault]),
      [[service, "slow"]],
    );
    return culprits[0]!.why.map(({ kind, told }) => ({ kind, told }));
  };
  for (const [kind, [, told]] of Object.entries(HAD)) {
    const [first] = await why(kind);
    assert.equal(first?.kind, kind, first?.told);
    assert.match(first.told, told);
  }
  assert.deepEqual(await why("other"), []);
});
