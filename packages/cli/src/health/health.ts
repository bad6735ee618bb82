import { isRecord } from "../is-record.ts";
import { serviceKey } from "../sources/live/address.ts";
import { askJson, baseUrl, hintFor } from "../sources/live/ask.ts";
import { addressText, type ResolveHost, resolveHost } from "../sources/live/resolve-host.ts";
import { hearWorkers, readWorker } from "../sources/live/workers.ts";
import type { Unanswered } from "../sources/reached.ts";

/** The Status of an entry's last run, or what its health+json word means where no Status is told. */
export type HealthState = string;

/** One entry of a service's health. */
export interface HealthCheck {
  readonly name: string;
  readonly state: HealthState;
  /** Whether it is the service's own, or watches another service. */
  readonly kind: "own" | "service";
  /** Whether it never counts. */
  readonly optional: boolean;
  /** Whether it fails by the service's own word, which knows the thresholds; an optional one by its last run. */
  readonly failing: boolean;
  /** When it was last run, ISO 8601. */
  readonly time: string | null;
  /** What went wrong, told to the authorised only. */
  readonly output: string | null;
}

/** What one service says of itself. */
export interface ServiceHealth {
  readonly address: string;
  readonly service: string;
  /** Which worker of a cluster it is, which runs probes of its own; null where it is none. */
  readonly worker: number | null;
  readonly status: "pass" | "warn" | "fail";
  readonly checks: readonly HealthCheck[];
}

/** The health of several services. */
export interface HealthReport {
  readonly services: readonly ServiceHealth[];
  readonly unreached: readonly Unanswered[];
  /** Services whose own entries fail: the first to blame, as nobody inherits in Whodunit. */
  readonly blamed: readonly string[];
}

/** How to ask. */
export interface HealthOptions {
  /** Sent to the given addresses; opens the details where the service says so. */
  readonly token?: string | undefined;
}

const ACCEPT = "application/health+json";
const STATES: Readonly<Record<string, string>> = { pass: "OK", warn: "DEGRADED", fail: "ERROR" };
const FAILING: readonly string[] = ["TIMEOUT", "ERROR", "STALE"];

/** Asks the services at `urls` for their health, each at every address of its host, and each worker of a cluster. */
export async function health(
  urls: readonly string[],
  options: HealthOptions = {},
  resolve: ResolveHost = resolveHost,
): Promise<HealthReport> {
  const bases = new Map(urls.map(baseUrl).map((url) => [serviceKey(url), url]));
  const asking = [...bases.values()].map(async (url) => {
    const addresses = await resolve(url.hostname);
    return Promise.all(addresses.map((address) => askHealth(url, address, options)));
  });
  const answers = (await Promise.all(asking)).flat(2);
  const services = answers.filter((answer) => "checks" in answer);
  return {
    services,
    unreached: answers.flatMap((answer) => ("checks" in answer ? [] : [answer])),
    blamed: [...new Set(services.filter(isToBlame).map(({ service }) => service))],
  };
}

/** Whether a state says that the last run failed. */
export function isFailing(state: HealthState): boolean {
  return FAILING.includes(state);
}

/** Whether an entry of the service's own fails, one that counts. */
export function isToBlame({ checks }: ServiceHealth): boolean {
  return checks.some(({ kind, optional, failing }) => kind === "own" && !optional && failing);
}

async function askHealth(
  url: URL,
  at: string | undefined,
  { token }: HealthOptions,
): Promise<(ServiceHealth | Unanswered)[]> {
  const address = addressText(url, at);
  const { answers, unheard } = await hearWorkers(
    () => askJson(new URL("health/status", url), { token, accept: ACCEPT, address: at }),
    (answer) => (answer.ok ? readWorker(answer.body) : undefined),
  );
  const told = answers.map((answer) => {
    if (!answer.ok) return { address, error: answer.error };
    // Whodunit's own asks for none: somebody stands before it.
    const hint = answer.status === 401 ? hintFor(401, { token }) : "";
    const error = `answered ${answer.status}, no ${ACCEPT}${hint}`;
    return readHealth(answer.body, url, address) ?? { address, error };
  });
  return unheard === undefined ? told : [...told, { address, error: `answered, but ${unheard}` }];
}

function readHealth(body: unknown, url: URL, address: string): ServiceHealth | null {
  if (!isRecord(body) || !isWord(body.status)) return null;
  const checks = Object.entries(isRecord(body.checks) ? body.checks : {}).flatMap(([name, results]) =>
    Array.isArray(results) ? results.flatMap((result) => readCheck(name, result)) : [],
  );
  const named = typeof body.serviceId === "string" && body.serviceId !== "";
  const service = named ? String(body.serviceId) : serviceKey(url);
  const worker = readWorker(body)?.worker ?? null;
  return { address, service, worker, status: body.status, checks };
}

function readCheck(name: string, value: unknown): HealthCheck[] {
  if (!isRecord(value)) return [];
  const state = typeof value.state === "string" ? value.state : (STATES[String(value.status)] ?? "unknown");
  return [
    {
      name,
      state,
      kind: value.kind === "service" ? "service" : "own",
      optional: value.optional === true,
      failing: value.optional !== true && isWord(value.status) ? value.status === "fail" : isFailing(state),
      time: typeof value.time === "string" ? value.time : null,
      output: typeof value.output === "string" ? value.output : null,
    },
  ];
}

const isWord = (value: unknown): value is ServiceHealth["status"] =>
  value === "pass" || value === "warn" || value === "fail";
