import type { Labels } from "./known-labels.ts";
import type { Matcher } from "./promql.ts";

/** How a request ended, as a store tells it: see docs/prometheus.md. */
export type Outcome = "success" | "failure" | "aborted" | "late_failure";

/** What the labels of a series say. */
export interface SeriesNames {
  readonly service: string;
  readonly instance: string;
  readonly version: string | null;
  readonly side: "server" | "client";
  /** Undefined where the series is of all of them. */
  readonly peer: string | undefined;
  readonly route: string | undefined;
  readonly className: string;
  readonly outcome: Outcome;
}

/** The metrics of requests in one naming, and how they are read. */
export interface Dialect {
  /** Counters of requests. */
  readonly counters: readonly string[];
  /** Histograms of times, without `_bucket` and `_sum`. */
  readonly histograms: readonly string[];
  /** How many milliseconds the histograms' unit has. */
  readonly unitMs: number;
  /** What tells since when a process counts, in Unix seconds; undefined where nothing does. */
  readonly startTime: string | undefined;
  /** The labels by which counts are told apart, without the instance's and without {@link routeBy}. */
  readonly by: readonly string[];
  /** The labels that tell the route. */
  readonly routeBy: readonly string[];
  /** What all series of requests of one side have in common. */
  readonly sides: Readonly<Record<"server" | "client", Matcher>>;
  /** The label of a caller's series that says whom it calls, as {@link read} gives it; undefined where several do. */
  readonly peerLabel: string | undefined;
  /** By which labels all series of a service are found. */
  tellingOf(service: string, labels: Labels): readonly (readonly [label: string, value: string])[];
  /** Null where a series is no request that counts. */
  read(labels: Labels): SeriesNames | null;
}

const OUTCOMES: ReadonlySet<string> = new Set(["success", "failure", "aborted", "late_failure"]);

/** What services with Whodunit tell: docs/prometheus.md. */
const WHODUNIT: Dialect = {
  counters: ["whodunit_requests_total"],
  histograms: ["whodunit_request_duration_seconds"],
  unitMs: 1_000,
  startTime: "whodunit_start_time_seconds",
  by: ["service_name", "service_version", "side", "peer", "class", "outcome"],
  routeBy: ["route"],
  sides: sidesOf("side", "server", "client"),
  peerLabel: "peer",
  tellingOf: (service) => [["service_name", service]],
  read(labels) {
    const { service_name: service, side, peer, route, outcome = "success" } = labels;
    if (service === undefined || (side !== "server" && side !== "client") || !OUTCOMES.has(outcome))
      return null;
    return {
      ...{ service, side, peer, route, outcome: outcome as Outcome, className: labels.class ?? "" },
      instance: labels.service_instance_id ?? labels.instance ?? "",
      version: labels.service_version ?? null,
    };
  },
};

const OPENTELEMETRY_HISTOGRAMS = ["server", "client"].flatMap((side) => [
  `http_${side}_request_duration_seconds`,
  // JavaScript's exporter puts no unit into names.
  `http_${side}_request_duration`,
]);

// An exporter calls the service `job`, with its namespace before it, "shop/web"; Prometheus, where its own target has that
// label too, `exported_job`.
const SERVICE_LABELS = ["service_name", "exported_job", "job"];

/**
 * OpenTelemetry's `http.server.request.duration` and `http.client.request.duration`, as its exporters and its collector name
 * them for Prometheus. Whom a server was asked by nobody tells.
 */
const OPENTELEMETRY: Dialect = {
  counters: OPENTELEMETRY_HISTOGRAMS.map((name) => `${name}_count`),
  histograms: OPENTELEMETRY_HISTOGRAMS,
  unitMs: 1_000,
  startTime: undefined,
  by: [
    ...[...SERVICE_LABELS, "service_version"],
    ...["http_response_status_code", "error_type", "server_address", "server_port"],
  ],
  routeBy: ["http_request_method", "http_route"],
  sides: {
    server: { label: "__name__", operator: "=~", value: "http_server_.*" },
    client: { label: "__name__", operator: "=~", value: "http_client_.*" },
  },
  peerLabel: undefined,
  tellingOf(service, labels) {
    const label = SERVICE_LABELS.find((name) => labels[name] !== undefined) ?? "job";
    return [[label, labels[label] ?? service]];
  },
  read(labels) {
    const { service_name: name, exported_job: exported, job } = labels;
    const service = name ?? (exported ?? job)?.replace(/^.*\//, "");
    if (service === undefined || service === "") return null;
    const status = Number(labels.http_response_status_code ?? "");
    const method = labels.http_request_method ?? "";
    const isServer = labels.__name__?.startsWith("http_server_") === true;
    const host = labels.server_address;
    if (!isServer && host === undefined) return null;
    const failed = status >= 500 || (!(status >= 100) && labels.error_type !== undefined);
    return {
      service,
      instance: labels.service_instance_id ?? labels.exported_instance ?? labels.instance ?? "",
      version: labels.service_version ?? null,
      side: isServer ? "server" : "client",
      peer: isServer ? "unknown" : labels.server_port === undefined ? host : `${host}:${labels.server_port}`,
      route: isServer ? `${method} ${labels.http_route ?? "*"}` : method,
      className: classOf(status, labels.error_type),
      outcome: failed ? "failure" : "success",
    };
  },
};

/** Istio's standard metrics: each side's proxy tells what passed it, or a waypoint for those called who have none. */
const ISTIO: Dialect = {
  counters: ["istio_requests_total"],
  histograms: ["istio_request_duration_milliseconds"],
  unitMs: 1,
  startTime: undefined,
  by: [
    ...["source", "destination"].flatMap((end) =>
      ["canonical_service", "workload", "canonical_revision"].map((label) => `${end}_${label}`),
    ),
    ...["reporter", "destination_service", "response_code", "response_flags", "grpc_response_status"],
  ],
  routeBy: [],
  sides: {
    server: { label: "reporter", operator: "=~", value: "destination|waypoint" },
    client: { label: "reporter", operator: "=", value: "source" },
  },
  peerLabel: undefined,
  tellingOf: (service) => [
    ["destination_canonical_service", service],
    ["source_canonical_service", service],
  ],
  read(labels) {
    const { reporter } = labels;
    const isServer = reporter === "destination" || reporter === "waypoint";
    if (!isServer && reporter !== "source") return null;
    const [source, destination] = ["source", "destination"].map(
      (end) => known(labels[`${end}_canonical_service`]) ?? known(labels[`${end}_workload`]),
    );
    const service = isServer ? destination : source;
    if (service === undefined) return null;
    const status = Number(labels.response_code);
    // DC: the client went away (Envoy, "Response flags").
    const isAborted = labels.response_flags === "DC" || status === 499;
    const flags = known(labels.response_flags?.replace("-", ""));
    const grpc = GRPC_FAILURES[labels.grpc_response_status ?? ""];
    const failed = status === 0 || status >= 500 || grpc !== undefined;
    return {
      service,
      instance: labels.pod ?? labels.instance ?? "",
      version: known(labels[`${isServer ? "destination" : "source"}_canonical_revision`]) ?? null,
      side: isServer ? "server" : "client",
      peer: isServer ? (source ?? "unknown") : (destination ?? known(labels.destination_service)),
      route: "*",
      className: grpc ?? (status > 0 ? classOf(status, undefined) : (flags ?? "_other")),
      outcome: isAborted && isServer ? "aborted" : failed ? "failure" : "success",
    };
  },
};

// Linkerd's names of what a pod may belong to.
const OWNERS = ["deployment", "statefulset", "daemonset", "replicaset", "replicationcontroller", "k8s_job"];
const ownerIn = (labels: Labels, before = ""): string | undefined =>
  OWNERS.map((owner) => known(labels[before + owner])).find((name) => name !== undefined);

/** Linkerd's proxy metrics: `response_total` with `direction`. */
const LINKERD: Dialect = {
  counters: ["response_total"],
  histograms: ["response_latency_ms"],
  unitMs: 1,
  startTime: undefined,
  by: [
    ...["direction", ...OWNERS, ...OWNERS.map((owner) => `dst_${owner}`), "dst_service", "authority"],
    ...["client_id", "classification", "status_code", "grpc_status", "error"],
  ],
  routeBy: [],
  sides: sidesOf("direction", "inbound", "outbound"),
  peerLabel: undefined,
  tellingOf(service, labels) {
    const owner = OWNERS.find((name) => labels[name] === service);
    return (owner === undefined ? OWNERS : [owner]).map((name) => [name, service]);
  },
  read(labels) {
    const { direction, classification } = labels;
    const service = ownerIn(labels);
    if (service === undefined || (direction !== "inbound" && direction !== "outbound")) return null;
    const isServer = direction === "inbound";
    const status = Number(labels.status_code ?? "");
    // The identity of a client is `web.shop.serviceaccount.identity.linkerd.cluster.local`; "default" is whoever has none.
    const client = known(labels.client_id?.split(".")[0]?.replace(/^default$/, ""));
    const grpc = GRPC_FAILURES[labels.grpc_status ?? ""];
    return {
      service,
      instance: labels.pod ?? labels.instance ?? "",
      version: null,
      side: isServer ? "server" : "client",
      peer: isServer
        ? (client ?? "unknown")
        : (ownerIn(labels, "dst_") ?? labels.dst_service ?? labels.authority ?? "unknown"),
      route: "*",
      className: grpc ?? classOf(status, labels.error),
      outcome: classification === "failure" ? "failure" : "success",
    };
  },
};

function sidesOf(label: string, server: string, client: string): Dialect["sides"] {
  const one = (value: string): Matcher => ({ label, operator: "=", value });
  return { server: one(server), client: one(client) };
}

const known = (name: string | undefined): string | undefined =>
  name === undefined || name === "" || name === "unknown" ? undefined : name;

// What a server is at fault for (OpenTelemetry, "Semantic conventions for gRPC"); the status of HTTP is 200 then.
const GRPC_FAILURES: Readonly<Record<string, string>> = {
  ...{ 2: "UNKNOWN", 4: "DEADLINE_EXCEEDED", 12: "UNIMPLEMENTED" },
  ...{ 13: "INTERNAL", 14: "UNAVAILABLE", 15: "DATA_LOSS" },
};

function classOf(status: number, error: string | undefined): string {
  if (status >= 100 && status < 1_000) return `${Math.floor(status / 100)}xx`;
  return known(error) ?? "_other";
}

/** All namings that are known, the one that tells most first. */
export const DIALECTS: readonly Dialect[] = [WHODUNIT, OPENTELEMETRY, ISTIO, LINKERD];
