import { test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { walk } from "../../../../../test/helpers/walk.ts";
import { FakeClock } from "../../../../tracing/src/testing.ts";
import type { TrafficRecord } from "../../../../tracing/src/traffic/record.ts";
import { Traffic } from "../../../../tracing/src/traffic/traffic.ts";
import { deadAddress } from "../../helpers/fake-service.ts";
import { withTimes } from "../../simulator/scraped.ts";

const AT = Date.parse("2026-11-20T03:12:00Z");
const FAULT_MS = Date.parse("2026-11-20T03:05:30Z");
const MINUTE_MS = 60_000;
const STARTED_MS = AT - 120 * MINUTE_MS;

interface Planned {
  readonly service: string;
  readonly version: string;
  readonly host: string;
  readonly requests: (minuteMs: number, i: number) => Partial<TrafficRecord>[];
}

const OK = { status: 200, errorType: undefined, aborted: false, trace: undefined, thrown: undefined };
const SERVER = { side: "server" as const, ...OK };
const CLIENT = { side: "client" as const, ...OK };

/** Every third vote fails in voting from half past five on. */
const isBad = (minuteMs: number, i: number): boolean => minuteMs + i * 1_000 >= FAULT_MS && i % 3 === 0;

const FLEET: readonly Planned[] = [
  {
    ...{ service: "web", version: "2.0.1", host: "10.0.0.8:8080" },
    requests: (minuteMs, i) => [
      {
        ...CLIENT,
        peer: "voting.shop.svc:8080",
        route: "POST",
        status: isBad(minuteMs, i) ? 500 : 200,
        durationMs: 14,
      },
      {
        ...SERVER,
        peer: "vote-bot",
        route: "GET /api/vote",
        status: isBad(minuteMs, i) ? 500 : 200,
        durationMs: 17,
      },
    ],
  },
  {
    ...{ service: "voting", version: "1.8.3", host: "10.0.0.7:8080" },
    requests: (minuteMs, i) => [
      {
        ...SERVER,
        peer: "web",
        route: "POST /votes/:shortcode",
        status: isBad(minuteMs, i) ? 500 : 200,
        durationMs: 12,
      },
    ],
  },
];

function historyOf({ service, version, host, requests }: Planned): string {
  const clock = new FakeClock(STARTED_MS);
  const traffic = new Traffic({ service, instance: `${service}-1`, version, classify: undefined, clock });
  let lines = "";
  for (let minuteMs = STARTED_MS; minuteMs <= AT; minuteMs += MINUTE_MS) {
    if (minuteMs >= AT - 80 * MINUTE_MS) {
      const labels = `namespace="shop",instance="${host}",job="whodunit"`;
      lines += withTimes(traffic.scrape("openmetrics"), labels, minuteMs / 1_000);
    }
    for (let i = 0; i < 60; i++) {
      for (const one of requests(minuteMs, i)) traffic.record(one as TrafficRecord);
      void clock.advance(1_000);
    }
  }
  return lines;
}

const PROBES = (status: string): string =>
  ["OK", "TIMEOUT"]
    .map(
      (one) =>
        `health_probe_status{service_name="voting",probe="db",priority="page",health_probe_status="${one}",namespace="shop",instance="10.0.0.7:8080"} ${one === status ? 1 : 0} ${AT / 1_000}\n`,
    )
    .join("");

test("docs/prometheus.md shows what stat, edges and investigate print of real Prometheus about 03:12", async (t) => {
  const history = [`${FLEET.map(historyOf).join("")}${PROBES("OK")}`];
  const prometheus = await startPrometheus(t, { history });
  if (prometheus === undefined) return;
  const view = `http://${await deadAddress()}`;
  const places = {
    "http://prometheus:9090": prometheus.url,
    "whodunit investigate": `whodunit investigate --view ${view}`,
  };
  await walk(t, "docs/prometheus.md", { places }, async (page) => {
    await page.type(/^whodunit investigate /, { code: 1, isExact: true });
    await page.type(/^whodunit stat /, { isExact: true });
    await page.type(/^whodunit edges /, { isExact: true });
  });
});
