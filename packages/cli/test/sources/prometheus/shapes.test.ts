import assert from "node:assert/strict";
import { test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { edges, type InvestigateOptions, investigate, stat } from "../../../src/index.ts";
import { deadAddress } from "../../helpers/fake-service.ts";

const AT_S = Math.floor(Date.now() / 1_000) - 3_600;

/** Series that share labels, as a store scraped them of somebody else's exporter. */
interface Scraped {
  readonly labels: Readonly<Record<string, string>>;
  /** Requests in the last minute. */
  readonly count: number;
}

interface Shape {
  /** The counter, and the histogram with how many of its units 20 ms are. */
  readonly counter: string;
  readonly histogram: string;
  readonly twentyMs: number;
  /** Who has done so much in each minute as in the last, and who has begun in the last. */
  readonly well: readonly Scraped[];
  readonly failing: readonly Scraped[];
  /** Other series that have the same names and mean nothing here. */
  readonly noise: readonly string[];
  readonly culprit: string;
  readonly error: string;
  /** Rows of `edges`: caller, callee, share that ended well. */
  readonly edges: readonly (readonly [string, string, number])[];
}

const istio = (reporter: string, source: string, destination: string, more: object = {}) => ({
  ...{ reporter, source_canonical_service: source, source_workload: `${source}-v1` },
  ...{
    destination_canonical_service: destination,
    destination_workload: destination === "unknown" ? destination : `${destination}-v1`,
  },
  ...{ destination_service: `${destination}.shop.svc.cluster.local`, response_code: "200" },
  ...{ response_flags: "-", grpc_response_status: "", request_protocol: "http", pod: `${reporter}-1` },
  ...more,
});

const linkerd = (direction: string, more: object) => ({
  ...{ direction, tls: "true", namespace: "bank", status_code: "200" },
  ...{ classification: "success", grpc_status: "", error: "" },
  ...more,
});

const exported = (job: string, instance: string, more: object) => ({
  ...{ job: "otel-collector", instance: "collector:8889", exported_job: `shop/${job}` },
  ...{ exported_instance: instance, http_request_method: "POST", http_response_status_code: "200" },
  ...more,
});

const SHAPES: Readonly<Record<string, Shape>> = {
  "Istio's ambient mode, where waypoints tell in place of those called, with gRPC and a way out of the mesh":
    {
      ...{ counter: "istio_requests_total", histogram: "istio_request_duration_milliseconds", twentyMs: 20 },
      well: [
        { labels: istio("source", "gateway", "cart"), count: 200 },
        { labels: istio("waypoint", "gateway", "cart"), count: 200 },
        { labels: istio("waypoint", "cart", "stock", { grpc_response_status: "0" }), count: 150 },
        // "Not found" is an answer.
        { labels: istio("waypoint", "cart", "stock", { grpc_response_status: "5" }), count: 10 },
        {
          labels: istio("source", "gateway", "unknown", {
            ...{ destination_service: "mirror.example.org", destination_service_name: "PassthroughCluster" },
          }),
          count: 20,
        },
      ],
      failing: [{ labels: istio("waypoint", "cart", "stock", { grpc_response_status: "14" }), count: 40 }],
      noise: ['istio_requests_total{response_code="200",reporter="source"}'],
      ...{ culprit: "stock", error: "UNAVAILABLE" },
      edges: [
        ["cart", "stock", 0.8],
        ["gateway", "cart", 1],
        ["gateway", "mirror.example.org", 1],
      ],
    },
  "Linkerd's proxies of what is no Deployment, and of callers without an account of their own": {
    ...{ counter: "response_total", histogram: "response_latency_ms", twentyMs: 20 },
    well: [
      {
        labels: linkerd("inbound", {
          ...{ statefulset: "ledger", pod: "ledger-0" },
          client_id: "teller.bank.serviceaccount.identity.linkerd.cluster.local",
        }),
        count: 120,
      },
      {
        labels: linkerd("inbound", {
          ...{ statefulset: "ledger", pod: "ledger-0" },
          client_id: "default.bank.serviceaccount.identity.linkerd.cluster.local",
        }),
        count: 60,
      },
      {
        labels: linkerd("outbound", { k8s_job: "closing", pod: "closing-x", dst_statefulset: "ledger" }),
        count: 60,
      },
    ],
    failing: [
      {
        labels: linkerd("inbound", {
          ...{ statefulset: "ledger", pod: "ledger-0", classification: "failure", grpc_status: "13" },
          client_id: "teller.bank.serviceaccount.identity.linkerd.cluster.local",
        }),
        count: 40,
      },
    ],
    noise: ['response_total{direction="inbound",tls="no_identity",no_tls_reason="loopback"}'],
    ...{ culprit: "ledger", error: "INTERNAL" },
    edges: [
      ["closing", "ledger", 1],
      ["teller", "ledger", 0.75],
      ["unknown", "ledger", 1],
    ],
  },
  "OpenTelemetry's collector, scraped as one target whose own labels come first": {
    counter: "http_server_request_duration_seconds_count",
    ...{ histogram: "http_server_request_duration_seconds", twentyMs: 0.02 },
    well: [
      { labels: exported("cart", "a", { http_route: "/cart" }), count: 100 },
      { labels: exported("stock", "b", { http_route: "/take" }), count: 100 },
    ],
    failing: [
      {
        labels: exported("stock", "c", { http_route: "/take", http_response_status_code: "500" }),
        count: 50,
      },
    ],
    noise: ['http_server_request_duration_seconds_count{http_request_method="GET"}'],
    ...{ culprit: "stock", error: "5xx" },
    edges: [
      ["unknown", "cart", 1],
      ["unknown", "stock", 0.667],
    ],
  },
};

/** What a store has scraped of it: an hour that was well, and the last minute. */
function historyOf({ counter, histogram, twentyMs, well, failing, noise }: Shape): string {
  const lines: string[] = [];
  const put = (name: string, labels: Scraped["labels"], value: number, agoS: number): void => {
    const text = Object.entries(labels).map(([label, of]) => `${label}=${JSON.stringify(of)}`);
    lines.push(`${name}{${text}} ${value} ${AT_S - agoS}\n`);
  };
  for (const agoS of [4_200, 600, 60, 0]) {
    const all = [
      ...well.map((one) => ({ ...one, value: (one.count * (6_000 - agoS)) / 60 })),
      ...failing.map((one) => ({ ...one, value: agoS === 0 ? one.count : 0 })),
    ];
    for (const { labels, value } of all) {
      put(counter, labels, value, agoS);
      const buckets = { [twentyMs / 2]: 0, [twentyMs * 2]: value, "+Inf": value };
      for (const [le, count] of Object.entries(buckets))
        put(`${histogram}_bucket`, { ...labels, le }, count, agoS);
      put(`${histogram}_sum`, labels, value * twentyMs, agoS);
    }
    for (const series of noise) lines.push(`${series} ${7_000 - agoS} ${AT_S - agoS}\n`);
  }
  return lines.join("");
}

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`${name}: real Prometheus tells figures, edges and a culprit`, async (t) => {
    const prometheus = await startPrometheus(t, { history: [historyOf(shape)] });
    if (prometheus === undefined) return;
    const store = { url: prometheus.url, at: new Date(AT_S * 1_000) };
    const options: InvestigateOptions = { store, view: await deadAddress() };
    const { verdict, culprits } = await investigate([], options);
    assert.deepEqual(
      [verdict, ...culprits.map(({ service, error }) => `${service}: ${error}`)],
      ["culprit", `${shape.culprit}: ${shape.error}`],
    );
    const { rows } = await edges([], { store });
    assert.deepEqual(
      rows.map(({ src, dst, success }) => [src, dst, Math.round(1_000 * success!) / 1_000]),
      shape.edges,
    );
    const told = (await stat([], { store })).rows.filter(({ name: service }) => service === shape.culprit);
    assert.ok(told.length > 0);
    for (const { latencyMsP50 } of told)
      assert.ok(latencyMsP50! > 10 && latencyMsP50! < 40, `${latencyMsP50} ms`);
  });
}
