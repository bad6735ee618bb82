import { anything, ofType } from "@whodunit/core";
import schema from "../schemas/health-json.schema.json" with { type: "json" };
import {
  type CheckResult,
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
  type Status,
} from "../watch/probe.ts";
import { checkUrl, headersOfHttp } from "./check-address.ts";
import { readBody } from "./http.ts";

/** What {@link serviceProbe} takes. */
export interface ServiceProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The other service's address; without a path, its `/health/status` is read. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** What asks, for a dispatcher or agent of your own. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

interface HealthJson {
  readonly status: "pass" | "warn" | "fail";
  readonly checks?: Readonly<Record<string, readonly HealthJsonCheck[]>>;
}

interface HealthJsonCheck {
  readonly status: "pass" | "warn" | "fail";
  readonly state?: Status;
  readonly kind?: "own" | "service";
  readonly optional?: boolean;
}

const BODY_MAX_BYTES = 65_536;
const REDIRECTS_MAX = 3;
const STATE_OF = { pass: "OK", warn: "DEGRADED", fail: "ERROR" } as const;
const FAILING: readonly Status[] = ["TIMEOUT", "ERROR", "STALE"];

const SHAPE: OwnShape<ServiceProbeOptions> = {
  url: anything,
  headers: headersOfHttp,
  fetch: ofType("function"),
};

/**
 * Watches another service by its `application/health+json`, and counts only what is that service's own: what it says
 * of services it watches itself is left out, so nothing is inherited, services that watch each other in a ring cannot
 * hold one another down, and the first to blame is the one whose own entries fail. It reads the Status of the last
 * runs and leaves the thresholds to this probe's.
 *
 * @throws TypeError when an option is wrong
 */
export function serviceProbe(options: ServiceProbeOptions): Probe {
  checkProbeOptions("serviceProbe", options, SHAPE);
  const given = checkUrl("serviceProbe", options.url, options.fetch !== undefined);
  const url = given.pathname === "/" ? new URL("/health/status", given) : given;
  const headers = { ...options.headers, accept: "application/health+json" };
  return probeFrom(options, {
    kind: "service",
    async check(signal): Promise<CheckResult> {
      const ask = options.fetch ?? globalThis.fetch;
      const response = await follow(url, (at) => ask(at, { headers, signal, redirect: "manual" }));
      const text = await readBody(response, BODY_MAX_BYTES, true);
      if (response.status !== 200 && response.status !== 503) throw new Error(`answered ${response.status}`);
      return resultOf(await parse(text));
    },
  });
}

// To another host the headers would go along, and it is not the one that was to be watched.
async function follow(url: URL, ask: (at: URL) => Promise<Response>): Promise<Response> {
  let at = url;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const response = await ask(at);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await readBody(response, BODY_MAX_BYTES);
    at = new URL(location, at);
    if (at.origin !== url.origin) throw new Error("redirected to another host");
  }
  throw new Error(`redirected more than ${REDIRECTS_MAX} times`);
}

async function parse(text: string): Promise<HealthJson> {
  const validate = await loadValidator();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Where it stopped being JSON says nothing about the service, and would quote its body.
    throw new Error("the body is not JSON");
  }
  if (validate(body)) return body as HealthJson;
  throw new Error("the body is not application/health+json");
}

let validator: Promise<(body: unknown) => boolean> | undefined;

// Loaded with the first answer: most services watch no other, and all would pay for the import.
function loadValidator(): Promise<(body: unknown) => boolean> {
  validator ??= import("ajv").then(({ Ajv }) => new Ajv().compile(schema));
  return validator;
}

function resultOf({ status, checks }: HealthJson): CheckResult {
  if (checks === undefined) return { status: STATE_OF[status], reason: `it says ${status}` };
  const failing: string[] = [];
  const degraded: string[] = [];
  for (const [name, results] of Object.entries(checks)) {
    for (const check of results) {
      if (check.kind === "service" || check.optional === true) continue;
      const state = check.state ?? STATE_OF[check.status];
      if (FAILING.includes(state)) failing.push(`${name} is ${state}`);
      else if (state === "DEGRADED") degraded.push(`${name} is ${state}`);
    }
  }
  if (failing.length > 0) return { status: "ERROR", reason: failing.join(", ") };
  if (degraded.length > 0) return { status: "DEGRADED", reason: degraded.join(", ") };
  return { status: "OK" };
}
