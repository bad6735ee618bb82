import { health, type ServiceHealth } from "../health/health.ts";
import type { Figures } from "../sources/live/figures.ts";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { addressesOf, type Reached } from "../sources/reached.ts";
import { storedHealth } from "../sources/source.ts";
import { edges } from "../stat/edges.ts";
import { stat } from "../stat/stat.ts";
import { milliseconds, percent } from "../stat/stat-text.ts";
import type { Claim, Found } from "./answer.ts";
import { type Counting, countingOf, type Given } from "./given.ts";
import { countsAt, healthAt } from "./places.ts";
import { plain, type Said, say } from "./say.ts";

/** Which figures. */
export interface FiguresAsked {
  readonly windowS: WindowS;
  /** Of a store: the moment, ISO 8601. @default now */
  readonly at?: string | undefined;
  readonly service?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Success, rate and latency of routes, those that fail most first. */
export async function tellStat(
  given: Given,
  { windowS, at, service, from, to }: FiguresAsked,
): Promise<Found> {
  const counting = countingOf(given, at);
  const { urls, ...gathered } = counting;
  const result = await stat(urls, { ...gathered, windowS, from, to, token: given.token });
  checkReached(result);
  const rows = result.rows.filter(({ name }) => service === undefined || name === service).sort(byTrouble);
  const busy = rows.filter(({ success }) => success !== null);
  return {
    answer: say`${busy.length} routes of ${Object.keys(result.addresses).length} services had requests in ${windowS} s${order(busy)}.`,
    claims: [
      ...busy.map((row) => ({
        claim: say`${row.name} ${row.route}: ${figures(row)}`,
        source: say`${plain(to === undefined ? "server" : "client")} series of ${row.name}, ${windowS} s, ${countsAt(counting, addressesOf(result.addresses, row.name))}`,
      })),
      ...notReached(result.unreached),
    ],
    narrower: "Ask for one service, from or to.",
  };
}

/** Who calls whom, those that fail most first. */
export async function tellEdges(given: Given, { windowS, at, service }: FiguresAsked): Promise<Found> {
  const { token, follow } = given;
  const counting = countingOf(given, at);
  const { urls, ...gathered } = counting;
  const result = await edges(urls, { ...gathered, windowS, token, follow, discover: "followed" });
  checkReached(result);
  const rows = result.rows
    .filter(({ src, dst }) => service === undefined || src === service || dst === service)
    .sort(byTrouble);
  const busy = rows.filter(({ success }) => success !== null);
  return {
    answer: say`${busy.length} callers and callees had requests between them in ${windowS} s${order(busy)}.`,
    claims: [
      ...busy.map((row) => {
        const witness = row.seenBy === "dst" ? row.dst : row.src;
        const side = row.seenBy === "dst" ? "server" : "client";
        return {
          claim: say`${row.src} calls ${row.dst}: ${figures(row)}`,
          source: say`${plain(side)} series of ${witness}, ${windowS} s, ${countsAt(counting, addressesOf(result.addresses, witness))}`,
        };
      }),
      ...notReached(result.unreached),
    ],
    narrower: "Ask for the edges of one service.",
  };
}

/** What services say of their own health, the failing first. */
export async function tellHealth(given: Given, at: string | undefined): Promise<Found> {
  const counting = countingOf(given, at);
  if (counting.urls.length === 0) return tellStoredHealth(counting, given.token);
  const { services, unreached, blamed } = await health(counting.urls, { token: given.token });
  if (services.length === 0)
    throw new Error(unreached.map((one) => `${one.address} ${one.error}`).join("; "));
  const failing = services.filter(({ status }) => status === "fail").length;
  const first = blamed[0] === undefined ? say`` : say`; first to blame is ${blamed[0]}`;
  return {
    answer: say`${failing} of ${services.length} services say that they fail${first}.`,
    claims: [
      ...services.toSorted(byHealth).flatMap(healthClaims),
      ...unreached.map(({ address, error }) => ({
        claim: say`${plain(address)} told no health: ${error}`,
        source: say`${plain(address)}/health/status`,
      })),
    ],
    narrower: "Start whodunit mcp with fewer services.",
  };
}

/** The same as a store or a view has gathered it: each probe's last word. */
async function tellStoredHealth(counting: Counting, token: string | undefined): Promise<Found> {
  const services = await storedHealth(counting, token);
  const bad = (probes: (typeof services)[number]["probes"]) => probes.filter(({ status }) => status !== "OK");
  const told = services.toSorted((a, b) => bad(b.probes).length - bad(a.probes).length);
  const failing = told.filter(({ probes }) => bad(probes).length > 0).length;
  return {
    answer: say`${failing} of ${told.length} services say that a probe of theirs is not OK.`,
    claims: told.flatMap(({ service, probes }) => {
      const source = healthAt(counting, service);
      const well = probes.length - bad(probes).length;
      return [
        { claim: say`${service}: ${well} of ${probes.length} probes are OK`, source },
        ...bad(probes).map(({ probe, status }) => ({ claim: say`${service} ${probe}: ${status}`, source })),
      ];
    }),
    narrower: "Start whodunit mcp with a narrower --match.",
  };
}

function healthClaims({ address, service, status, checks }: ServiceHealth): Claim[] {
  const source = say`${plain(address)}/health/status`;
  const bad = checks.filter(({ failing, state }) => failing || state !== "OK");
  return [
    {
      claim: say`${service}: ${plain(status)}, ${checks.length - bad.length} of ${checks.length} entries are OK`,
      source,
    },
    ...bad.map(({ name, state, kind, output, failing }) => ({
      claim: say`${service} ${name}: ${state}${plain(failing ? "" : ", which does not count (yet)")}${plain(kind === "service" ? ", another service" : "")}${output === null ? say`` : say`, ${output}`}`,
      source,
    })),
  ];
}

const RANK = { fail: 0, warn: 1, pass: 2 } as const;
const byHealth = (a: ServiceHealth, b: ServiceHealth): number => RANK[a.status] - RANK[b.status];

function figures({ success, rps, latencyMsP50, latencyMsP95, latencyMsP99 }: Figures): Said {
  const latencies = [latencyMsP50, latencyMsP95, latencyMsP99].map(milliseconds).join("/");
  return plain(`success ${percent(success)}, ${rps?.toFixed(1)} a second, p50/p95/p99 ${latencies}`);
}

const byTrouble = (a: Figures, b: Figures): number =>
  (a.success ?? 2) - (b.success ?? 2) || (b.rps ?? 0) - (a.rps ?? 0);

const order = (rows: readonly unknown[]): Said =>
  plain(rows.length > 1 ? ", those that fail most first" : "");

/** @throws Error that says why nobody answered */
function checkReached({ addresses, unreached }: Reached): void {
  if (Object.keys(addresses).length > 0) return;
  throw new Error(unreached.map(({ address, error }) => `${address} ${error}`).join("; "));
}

const notReached = (unreached: Reached["unreached"]): Claim[] =>
  unreached.map(({ address, error }) => ({
    claim: say`${plain(address)} told nothing: ${error}`,
    source: say`${plain(address)}/debug/traffic`,
  }));
