import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * PetShop (amazon-science/petshop-root-cause-analysis, CLeaR 2024, CC BY 4.0): metrics of five minutes, turned into
 * what every service's `/debug/traffic` would have answered. A bucket is spread evenly over the windows; the callee's
 * metrics serve both sides of a call, so the way between them is never slow here; between the quantiles that are given
 * the latencies are interpolated.
 */
export interface PetshopCase {
  readonly name: string;
  readonly kind: "latency" | "errors" | "quiet";
  /** Minutes since the fault began. */
  readonly minutes: number;
  /** Who is at fault; null in a quiet window. */
  readonly culprit: string | null;
  readonly entry: string;
  /** The series of each service; a peer that is a service is named as such. */
  readonly services: ReadonlyMap<string, readonly PetshopSeries[]>;
}

export interface PetshopSeries {
  readonly side: "server" | "client";
  readonly peer: string;
  readonly route: string;
  readonly windowS: number;
  readonly count: number;
  readonly failures: number;
  readonly aborted: 0;
  readonly classes: Readonly<Record<string, number>>;
  readonly failingSince: null;
  readonly latency: { readonly gamma: number; readonly bins: readonly (readonly [number, number])[] };
  readonly exemplar: null;
}

const GAMMA = 1.03;
const BUCKET_MIN = 5;
const AFTER_MINUTES = [1, 2, 3, 5, 8];
// A quiet window every half hour.
const QUIET_STEP = 6;

const GATEWAY = "PetAdoptionStatusUpdater/prod_AWS::ApiGateway::Stage";
const SQL = "PGSQL Query_remote";
const SERVICES: Readonly<Record<string, string>> = {
  PetSite: "PetSite",
  PetSearch: "PetSearch_AWS::ECS::Fargate",
  payforadoption: "payforadoption_AWS::ECS::Container",
  petlistadoptions: "petlistadoptions_AWS::ECS::Fargate",
  lambdastatusupdater: "lambdastatusupdater_AWS::Lambda",
};

/** The metrics of one bucket by node, metric and statistic. */
type Bucket = ReadonlyMap<string, number>;
type Requests = (node: string) => number;

interface Edge {
  readonly caller: string;
  readonly callee: string;
  /** Whose metrics the calls have. */
  readonly node: string;
  /** How many of the node's requests are this caller's. */
  readonly requests: (of: Requests) => number;
}

function edgesOf(): Edge[] {
  const search = SERVICES.PetSearch!;
  const petInfo = "petInfo_AWS::DynamoDB::Table";
  const lambda = SERVICES.lambdastatusupdater!;
  const between: Edge[] = [
    {
      ...{ caller: "PetSite", callee: "PetSearch", node: search },
      requests: (of) => of(search) - of("PetSearch_client") - of(SQL),
    },
    { caller: "petlistadoptions", callee: "PetSearch", node: search, requests: (of) => of(SQL) },
    {
      ...{ caller: "PetSite", callee: "payforadoption", node: SERVICES.payforadoption! },
      requests: (of) => of(GATEWAY),
    },
    {
      ...{ caller: "PetSite", callee: "petlistadoptions", node: SERVICES.petlistadoptions! },
      requests: (of) => of(SQL),
    },
    {
      ...{ caller: "payforadoption", callee: "lambdastatusupdater", node: GATEWAY },
      requests: (of) => of(GATEWAY),
    },
    { caller: "lambdastatusupdater", callee: "petInfo", node: petInfo, requests: (of) => of(lambda) },
    { caller: "PetSearch", callee: "petInfo", node: petInfo, requests: (of) => of(petInfo) - of(lambda) },
  ];
  const leaves = [
    ["petlistadoptions", SQL],
    ["payforadoption", "adoptions@services-database.us-west-2.rds.amazonaws.com_Database::SQL"],
    ["payforadoption", "amazon.com_remote"],
    ["payforadoption", "www.amazon.com_remote"],
    ["PetSite", "SimpleSystemsManagement_AWS::SimpleSystemsManagement"],
    ["PetSite", "SimpleNotificationService_AWS::SimpleNotificationService"],
    ["PetSite", "https://sqs.us-west-2.amazonaws.com/Services-sqspetadoption_AWS::SQS::Queue"],
    ["PetSite", "STS_AWS::STS"],
    ["PetSearch", "AWSSimpleSystemsManagement_AWS::AWSSimpleSystemsManagement"],
    ["PetSearch", "S3_AWS::S3"],
    ["lambdastatusupdater", "invalid_AWS::DynamoDB::Table"],
  ] as const;
  return [
    ...between,
    ...leaves.map(([caller, node]): Edge => {
      const callee = node
        .split("_")[0]!
        .replace(/^https:\/\/.*\//, "sqs-")
        .replaceAll(" ", "-");
      return { caller, callee, node, requests: (of) => of(node) };
    }),
  ];
}

const EDGES = edgesOf();

/** Reads the folder of the data set: the issues and the quiet stretches in it. */
export function readPetshop(folder: string): PetshopCase[] {
  const issues = globSync("*/*/issue_*/target.json", { cwd: folder }).toSorted();
  const quiet = globSync("*/noissue/metrics.csv", { cwd: folder }).toSorted();
  return [
    ...issues.flatMap((file) => issueCases(folder, join(folder, file))),
    ...quiet.flatMap((file) => quietCases(folder, join(folder, file))),
  ];
}

interface Target {
  readonly target: { readonly metric: string; readonly timestamp: number };
  readonly root_cause: { readonly node: string };
}

function issueCases(folder: string, file: string): PetshopCase[] {
  const { target, root_cause } = JSON.parse(readFileSync(file, "utf8")) as Target;
  const buckets = readBuckets(file.replace("target.json", "metrics.csv"));
  const times = [...buckets.keys()].toSorted((a, b) => a - b);
  const struck = times.find((time) => time >= target.timestamp) ?? times.at(-1)!;
  const earlier = times.filter((time) => time < struck && time + 300 <= target.timestamp + 150).toReversed();
  const before = (earlier.length > 0 ? earlier : [times[0]!]).map((time) => buckets.get(time)!);
  return AFTER_MINUTES.map((minutes) => ({
    name: `${relative(folder, file).replace("/target.json", "")} after ${minutes} min`,
    kind: target.metric === "latency" ? "latency" : "errors",
    minutes,
    culprit: serviceOf(root_cause.node),
    entry: "PetSite",
    services: seriesOf(before, buckets.get(struck)!, minutes),
  }));
}

function quietCases(folder: string, file: string): PetshopCase[] {
  const buckets = readBuckets(file);
  const times = [...buckets.keys()].toSorted((a, b) => a - b);
  const at = (index: number): Bucket => buckets.get(times[index]!)!;
  const cases: PetshopCase[] = [];
  for (let i = 3; i < times.length; i += QUIET_STEP) {
    cases.push({
      name: `${relative(folder, file).replace("/metrics.csv", "")} ${i}`,
      ...{ kind: "quiet", minutes: 1, culprit: null, entry: "PetSite" },
      services: seriesOf([at(i - 1), at(i - 2)], at(i), 1),
    });
  }
  return cases;
}

/** The metrics by time. The first three rows of a file name node, metric and statistic of each column. */
function readBuckets(file: string): Map<number, Bucket> {
  const [nodes, metrics, statistics, , ...rows] = readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .map(splitRow);
  return new Map(
    rows.map((row) => [
      Number(row[0]),
      new Map(
        row.flatMap((value, i): [string, number][] =>
          i === 0 || value === "" ? [] : [[keyOf(nodes![i]!, metrics![i]!, statistics![i]!), Number(value)]],
        ),
      ),
    ]),
  );
}

const splitRow = (line: string): string[] => line.split(",");

const keyOf = (node: string, metric: string, statistic: string): string => `${node}|${metric}|${statistic}`;

function serviceOf(node: string): string {
  const known = Object.entries(SERVICES).find(
    ([, name]) => name.replace("::Function", "") === node.replace("::Function", ""),
  );
  return known?.[0] ?? node.split("_")[0]!;
}

interface Part {
  readonly bucket: Bucket;
  /** How much of its five minutes. */
  readonly share: number;
}

function seriesOf(
  before: readonly Bucket[],
  struck: Bucket,
  minutes: number,
): Map<string, readonly PetshopSeries[]> {
  const minute: Part[] = [{ bucket: struck, share: 1 / BUCKET_MIN }];
  const long: Part[] = [{ bucket: struck, share: minutes / BUCKET_MIN }];
  let left = 10 - minutes;
  for (const [i, bucket] of before.entries()) {
    const taken = i === before.length - 1 ? left : Math.min(BUCKET_MIN, left);
    if (taken > 0) long.push({ bucket, share: taken / BUCKET_MIN });
    left -= taken;
  }
  const services = new Map<string, PetshopSeries[]>();
  const put = (
    service: string,
    side: "server" | "client",
    peer: string,
    node: string,
    requests: Edge["requests"],
  ) => {
    const all = services.get(service) ?? [];
    services.set(service, all);
    for (const [windowS, parts] of [
      [60, minute],
      [600, long],
    ] as const) {
      const one = oneSeries(side, peer, windowS, parts, node, requests);
      if (one.count > 0) all.push(one);
    }
  };
  for (const [service, node] of Object.entries(SERVICES)) {
    const callers = EDGES.filter(({ callee }) => callee === service);
    if (callers.length === 0) put(service, "server", "unknown", node, (of) => of(node));
    for (const { caller, requests } of callers) put(service, "server", caller, node, requests);
  }
  for (const { caller, callee, node, requests } of EDGES) put(caller, "client", callee, node, requests);
  return services;
}

function oneSeries(
  side: "server" | "client",
  peer: string,
  windowS: number,
  parts: readonly Part[],
  node: string,
  requests: Edge["requests"],
): PetshopSeries {
  let count = 0;
  let failures = 0;
  const bins = new Map<number, number>();
  for (const { bucket, share } of parts) {
    const of: Requests = (name) => bucket.get(keyOf(name, "requests", "Sum")) ?? 0;
    const all = Math.round(Math.max(0, requests(of)) * share);
    const availability = bucket.get(keyOf(node, "availability", "Average")) ?? 100;
    count += all;
    failures += Math.min(all, Math.round(Math.max(0, requests(of)) * (1 - availability / 100) * share));
    for (const ms of latencies(bucket, node, all)) {
      const bin = Math.ceil(Math.log(Math.max(ms, 0.01)) / Math.log(GAMMA));
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    }
  }
  return {
    ...{ side, peer, route: side === "server" ? "GET /" : "GET", windowS, count, failures, aborted: 0 },
    classes: { "2xx": count - failures, ...(failures > 0 ? { "5xx": failures } : {}) },
    failingSince: null,
    latency: { gamma: GAMMA, bins: [...bins].sort(([a], [b]) => a - b) },
    exemplar: null,
  };
}

function latencies(bucket: Bucket, node: string, count: number): number[] {
  const ms = (statistic: string): number => (bucket.get(keyOf(node, "latency", statistic)) ?? 0) * 1_000;
  const points = [
    [0, ms("p50") / 2],
    [0.5, ms("p50")],
    [0.9, ms("p90")],
    [0.95, ms("p95")],
    [0.99, ms("p99")],
    [1, ms("p99")],
  ] as const;
  return Array.from({ length: count }, (_, i) => {
    const at = (i + 0.5) / count;
    const next = points.findIndex(([share], index) => index > 0 && at <= share);
    const [[fromShare, fromMs], [toShare, toMs]] = [points[next - 1]!, points[next]!];
    return fromMs + ((toMs - fromMs) * (at - fromShare)) / (toShare - fromShare);
  });
}
