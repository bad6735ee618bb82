import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import {
  type CountedRequest,
  countRequests,
  type Documents,
} from "../../packages/cli/test/simulator/count-requests.ts";
import { HEX, type Random } from "../../test/helpers/random.ts";

/**
 * PetShop (amazon-science/petshop-root-cause-analysis, CLeaR 2024, CC BY 4.0): metrics of five minutes, turned into
 * requests, which the services' own counting takes in: so they have the windows of `/debug/traffic`, and the memory of
 * what was before, as far back as the data go. The requests of a bucket are spread over its five minutes by chance; the
 * callee's metrics serve both sides of a call, so the way between them is never slow here; between the quantiles that
 * are given the latencies are interpolated.
 */
export interface PetshopCase {
  readonly name: string;
  readonly kind: "latency" | "errors" | "quiet";
  /** Minutes since the fault began. */
  readonly minutes: number;
  /** Who is at fault; null in a quiet window. */
  readonly culprit: string | null;
  /** What was measured, and when. */
  readonly stretches: readonly Stretch[];
}

/** A time in which the metrics were those of one bucket, in seconds before now. */
interface Stretch {
  readonly bucket: Bucket;
  readonly fromS: number;
  readonly toS: number;
}

const BUCKET_S = 300;
const AFTER_MINUTES = [1, 2, 3, 5, 8];
// A quiet window every half hour, with the hour before.
const QUIET_STEP = 6;
const QUIET_PAST = 12;

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
  const bad = buckets.get(struck)!;
  return AFTER_MINUTES.map((minutes) => ({
    name: `${relative(folder, file).replace("/target.json", "")} after ${minutes} min`,
    kind: target.metric === "latency" ? "latency" : "errors",
    minutes,
    culprit: serviceOf(root_cause.node),
    stretches: stretchesOf(bad, 60 * minutes, before),
  }));
}

function quietCases(folder: string, file: string): PetshopCase[] {
  const buckets = readBuckets(file);
  const times = [...buckets.keys()].toSorted((a, b) => a - b);
  const at = (index: number): Bucket => buckets.get(times[index]!)!;
  const cases: PetshopCase[] = [];
  for (let i = 3; i < times.length; i += QUIET_STEP) {
    const past = Array.from({ length: Math.min(i, QUIET_PAST) }, (_, k) => at(i - 1 - k));
    cases.push({
      name: `${relative(folder, file).replace("/metrics.csv", "")} ${i}`,
      ...{ kind: "quiet", minutes: 1, culprit: null, stretches: stretchesOf(at(i), 60, past) },
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

/** The latest bucket for so many seconds, and those before it, the latest first, for five minutes each. */
function stretchesOf(latest: Bucket, lastsS: number, before: readonly Bucket[]): Stretch[] {
  const past = before.map((bucket, i) => {
    const toS = -lastsS - i * BUCKET_S;
    return { bucket, fromS: toS - BUCKET_S, toS };
  });
  return [{ bucket: latest, fromS: -lastsS, toS: 0 }, ...past];
}

/** How a case is told: what its services are called, and at which address each is asked. */
export interface Naming {
  readonly names: ReadonlyMap<string, string>;
  readonly places: ReadonlyMap<string, string>;
}

/** The services of the data set. */
export const PETSHOP_SERVICES: readonly string[] = Object.keys(SERVICES);

/** What each service would answer on `/debug/traffic`, by its own name in the data set. */
export function petshopDocuments(
  { stretches }: PetshopCase,
  { names, places }: Naming,
  random: Random,
): Documents {
  const requests: CountedRequest[] = [];
  for (const { bucket, fromS, toS } of stretches) {
    const put = (
      service: string,
      side: "server" | "client",
      peer: string,
      node: string,
      requestsOf: Edge["requests"],
    ): void => {
      for (const { at, ...one } of requestsIn(bucket, node, requestsOf, (toS - fromS) / BUCKET_S)) {
        requests.push({
          ...{ instance: service, endedAt: fromS + at * (toS - fromS), side, peer },
          ...{ route: side === "server" ? "GET /" : "GET", ...one },
          ...{ aborted: false, error: undefined, traceId: random.chars(32, HEX) },
        });
      }
    };
    for (const [service, node] of Object.entries(SERVICES)) {
      const callers = EDGES.filter(({ callee }) => callee === service);
      if (callers.length === 0) put(service, "server", "unknown", node, (of) => of(node));
      for (const { caller, requests } of callers) put(service, "server", names.get(caller)!, node, requests);
    }
    for (const { caller, callee, node, requests } of EDGES)
      put(caller, "client", places.get(callee) ?? callee, node, requests);
  }
  const services = PETSHOP_SERVICES.map((service) => ({
    ...{ name: names.get(service)!, depth: 1, routes: [] },
    instances: [{ id: service, version: "1" }],
  }));
  return countRequests(services, requests, -Math.min(...stretches.map(({ fromS }) => fromS)));
}

// Multiples of these are spread evenly over 0 to 1 however many there are (Roberts' R2 sequence).
const SPREAD = 0.7548776662466927;
const SPREAD_OTHERWISE = 0.5698402909980532;

/**
 * The requests of a part of a bucket, with when they were, from 0 to 1: as many as its share, as many of them failed, and
 * as slow as its quantiles say, at each moment alike: what is slow at the callee is at the same time slow at its caller.
 */
function requestsIn(
  bucket: Bucket,
  node: string,
  requestsOf: Edge["requests"],
  share: number,
): { readonly at: number; readonly ms: number; readonly status: number }[] {
  const of: Requests = (name) => bucket.get(keyOf(name, "requests", "Sum")) ?? 0;
  const count = Math.round(Math.max(0, requestsOf(of)) * share);
  const availability = bucket.get(keyOf(node, "availability", "Average")) ?? 100;
  return latencies(bucket, node, count).map((ms, i) => {
    const isFailed = (i * SPREAD_OTHERWISE) % 1 >= availability / 100;
    return { at: (0.5 + i * SPREAD) % 1, ms, status: isFailed ? 500 : 200 };
  });
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
