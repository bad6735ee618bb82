import {
  anything,
  type Check as CheckOption,
  checkShape,
  integer,
  lazily,
  ofType,
  oneOf,
  optionError,
  required,
  requiredFunction,
  type Shape,
} from "@whodunit/core";

/**
 * What is known of a probe. The first four are the outcome of its last run; `STALE`: no result for three
 * intervals and a time-out, and for two seconds at least; `STARTING`: no result yet.
 */
export type Status = "OK" | "DEGRADED" | "TIMEOUT" | "ERROR" | "STALE" | "STARTING";

// A standstill of the process itself is seen from one second on; a shorter one must make no result look old.
const STALE_MIN_MS = 2_000;

/** How soon a person should hear of a failing probe; `none`: it is shown and never alarms. */
export type Priority = "page" | "business-hours" | "none";

/** What a check may return to say more than "well". Anything else it returns, `false` apart, means OK. */
export interface CheckResult {
  readonly status: "OK" | "DEGRADED" | "ERROR";
  /** For authorised readers, redacted. */
  readonly reason?: string;
  /** What was measured, if anything was. */
  readonly value?: number;
  /** The unit of `value`, such as `"%"` or `"jobs"`. */
  readonly unit?: string;
}

/**
 * One look at a dependency. It is well when the returned promise resolves, fails when it rejects or resolves to
 * `false`, and says more by a {@link CheckResult}. `signal` is aborted at the time-out and at the end; a check
 * that ignores it is called late all the same.
 */
export type Check = (signal: AbortSignal) => unknown;

/** What every probe can be told, the ready-made ones too. */
export interface ProbeSettings {
  /** Whether this service is of no use without it: a failing critical probe takes it out of the balancer. @default false */
  readonly critical?: boolean;
  /** Its monitor group, `/health/status/<group>`. @default "internal" */
  readonly group?: string;
  /** @default "page" */
  readonly priority?: Priority;
  /** From the start of one run to the next, in milliseconds, 0 to 10 % more. 100 to 86_400_000. @default 10_000 */
  readonly intervalMs?: number;
  /** The longest a run may take, in milliseconds; less than the interval. @default 2_000, or half the interval if less */
  readonly timeoutMs?: number;
  /** How many runs in a row must fail before the probe counts as failing. @default 2 */
  readonly failAfter?: number;
  /** How many runs in a row must be well before it counts as well again. @default 2 */
  readonly recoverAfter?: number;
  /** Who looks after it; shown to authorised readers and sent with changes. */
  readonly owner?: string;
  /** Where it says what to do, an http(s) URL; shown to authorised readers and sent with changes. */
  readonly runbook?: string;
}

/** A dependency under watch. */
export interface Probe extends ProbeSettings {
  /** As monitors will see it, such as `"myDB"` or `"twodegrees/monetizer"`: 1 to 128 printable characters. */
  readonly name: string;
  readonly check: Check;
  /** `service`: it watches another Whodunit service, and callers do not count it. @default "own" */
  readonly kind?: "own" | "service";
  /** What may be said of a time-out beyond "no answer", such as that a pool is exhausted. */
  readonly explain?: () => string | undefined;
  /** Lets go of what the probe holds, when the health it belongs to is closed. */
  readonly close?: () => void;
}

/** A probe with every default filled in. */
export type ResolvedProbe = Required<Omit<Probe, OptionalKey>> &
  Pick<Probe, OptionalKey> & { readonly staleAfterMs: number };
type OptionalKey = "owner" | "runbook" | "explain" | "close";

const ASCII_NAME = /^[!-~](?:[ -~]{0,126}[!-~])?$/;
const anyName = lazily(
  () => /^[\p{L}\p{M}\p{N}\p{P}\p{S}](?:[\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,126}[\p{L}\p{M}\p{N}\p{P}\p{S}])?$/u,
);
const GROUP = /^[a-z0-9_-]{1,64}$/;
const DAY_MS = 86_400_000;
const OWNER = "createHealth";

const requiredProbe: CheckOption = required(
  (probe) => typeof probe === "object" && probe !== null && !Array.isArray(probe),
  "a probe: an object with name and check",
);
const checkProbeName: CheckOption = required(
  (name) => typeof name === "string" && (ASCII_NAME.test(name) || anyName().test(name)),
  "1 to 128 printable characters",
);

type CommonOptions = ProbeSettings & Pick<Probe, "name">;

// A ready-made probe's, which `createHealth()` checks when the probe is handed to it, and says of which probe they are.
const SETTINGS: Shape<CommonOptions> = {
  name: anything,
  critical: anything,
  group: anything,
  priority: anything,
  intervalMs: anything,
  timeoutMs: anything,
  failAfter: anything,
  recoverAfter: anything,
  owner: anything,
  runbook: anything,
};

const SHAPE = {
  // Checked first: the others are named by it.
  name: anything,
  check: requiredFunction,
  critical: ofType("boolean"),
  group: checkGroup,
  priority: oneOf(["page", "business-hours", "none"]),
  kind: oneOf(["own", "service"]),
  explain: ofType("function"),
  close: ofType("function"),
  intervalMs: integer(100, DAY_MS),
  // It depends on the interval.
  timeoutMs: anything,
  failAfter: integer(1, 100),
  recoverAfter: integer(1, 100),
  owner: ofType("string"),
  runbook: checkRunbook,
} satisfies Shape<Probe>;

/** A check for each option that a ready-made probe has beside the common ones. */
export type OwnShape<Options> = Shape<Omit<Options, keyof CommonOptions>>;

/**
 * Checks that a ready-made probe's options are an object with no others than the common ones and its own.
 *
 * @throws TypeError that names the option, its value and what is wanted
 */
export function checkProbeOptions<Options extends object>(
  owner: string,
  options: Options,
  shape: OwnShape<Options>,
): void {
  checkShape(owner, options, { ...SETTINGS, ...shape });
}

/** Builds a ready-made probe, which takes the common ones of its options over. */
export function probeFrom(
  options: ProbeSettings & { readonly name?: string },
  probe: Omit<Probe, "name"> & { readonly name?: string },
): Probe {
  const given = options as Record<string, unknown>;
  const settings: Record<string, unknown> = {};
  for (const key of Object.keys(SETTINGS)) if (given[key] !== undefined) settings[key] = given[key];
  return { ...probe, ...settings } as Probe;
}

/** Checks a probe and fills in the defaults. @throws TypeError when something is not as it must be */
export function resolveProbe(probe: Probe): ResolvedProbe {
  requiredProbe(OWNER, "probes[]", probe);
  checkProbeName(OWNER, "probes[].name", probe.name);
  const { name } = probe;
  checkShape(OWNER, probe, SHAPE, `probes[${name}].`);
  const { intervalMs = 10_000 } = probe;
  integer(10, intervalMs - 1)(OWNER, `probes[${name}].timeoutMs`, probe.timeoutMs);
  const timeoutMs = probe.timeoutMs ?? Math.min(2_000, Math.floor(intervalMs / 2));
  return {
    critical: false,
    group: "internal",
    priority: "page",
    failAfter: 2,
    recoverAfter: 2,
    kind: "own",
    ...probe,
    intervalMs,
    timeoutMs,
    staleAfterMs: Math.max(STALE_MIN_MS, 3 * intervalMs + timeoutMs),
  };
}

function checkGroup(owner: string, option: string, group: unknown): void {
  if (group === undefined) return;
  if (group === "live" || group === "ready" || group === "startup") {
    const wanted = `a monitor group: no dependency may decide /health/live, and "critical" decides the others`;
    throw optionError(owner, option, group, wanted);
  }
  if (typeof group !== "string" || !GROUP.test(group)) {
    throw optionError(owner, option, group, "1 to 64 of a-z, 0-9, _ and -");
  }
}

// It becomes a link on the page, and goes out with every change: nothing but http(s), and no password.
function checkRunbook(owner: string, option: string, runbook: unknown): void {
  if (runbook === undefined) return;
  const url = typeof runbook === "string" && /^https?:\/\//.test(runbook) ? URL.parse(runbook) : null;
  if (url === null) throw optionError(owner, option, runbook, "an http(s) URL");
  if (url.username === "" && url.password === "") return;
  throw optionError(owner, option, "(withheld)", "an http(s) URL without user and password");
}
