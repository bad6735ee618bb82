import { type Context, context, ROOT_CONTEXT } from "@opentelemetry/api";
import { reportFault, SUPPRESS_TRACING } from "@whodunit/core";
import type { AwakeClock } from "./awake-clock.ts";
import { describeError, type Fault, redactReason, type TextRedactor } from "./error-text.ts";
import type { CheckResult, ResolvedProbe } from "./probe.ts";

// Health's own requests make no span and count as no traffic.
const SUPPRESSED: Context = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/** How one run ended. */
export interface Outcome {
  readonly status: "OK" | "DEGRADED" | "TIMEOUT" | "ERROR";
  readonly durationMs: number;
  readonly fault?: Fault;
  readonly value?: number;
  readonly unit?: string;
  /** No run has ended: an earlier one is still waited for. */
  readonly renewed?: true;
}

/** A run under way. */
export interface Run {
  /** When it began, in the time that the process was awake. */
  readonly startedAt: number;
  /** Whether its time is up: its outcome has been told, and its check has not settled. */
  readonly late: boolean;
  /** Aborts it and forgets it: nothing is told any more. */
  cancel(): void;
}

/** What a run tells. */
export interface RunListener {
  /** Once: how it ended, or that it is late. */
  onOutcome(outcome: Outcome): void;
  /** Once: the check has settled, which for a late one is after its outcome, or never. */
  onSettled(): void;
}

/**
 * Runs a probe once, for its `timeoutMs` at most, in which the process is awake. Whatever its check does, `onOutcome` is
 * called once, and on time.
 */
export function startRun(
  { check, timeoutMs, explain }: Pick<ResolvedProbe, "check" | "timeoutMs" | "explain">,
  clock: Pick<AwakeClock, "now" | "after" | "time">,
  redactor: TextRedactor,
  listener: RunListener,
): Run {
  const endTiming = clock.time();
  const startedAt = clock.now();
  // Own timer: AbortSignal.timeout cannot be called off, and AbortSignal.any leaks (nodejs/node#54614).
  const controller = new AbortController();
  let open = true;
  let late = false;
  let cancelled = false;

  const end = (outcome: Omit<Outcome, "durationMs">): void => {
    if (!open) return;
    open = false;
    callOff();
    endTiming();
    listener.onOutcome({ ...outcome, durationMs: clock.now() - startedAt });
  };
  const callOff = clock.after(timeoutMs, () => {
    late = true;
    end({ status: "TIMEOUT", fault: { code: "TIMEOUT", text: lateText(timeoutMs, explain, redactor) } });
    controller.abort(new DOMException("The probe's time is up", "TimeoutError"));
  });
  const settle = (outcome: Omit<Outcome, "durationMs">): void => {
    if (cancelled) return;
    listener.onSettled();
    end(outcome);
  };

  // The last catch is for what goes wrong here: a rejection nobody handles would end the process.
  context
    .with(SUPPRESSED, () => new Promise((resolve) => resolve(check(controller.signal))))
    .then(
      (result) => settle(readResult(result, redactor)),
      (error: unknown) => settle({ status: "ERROR", fault: describeError(error, redactor) }),
    )
    .catch((error: unknown) => reportFault("WHODUNIT_HEALTH_RUN", error));

  return {
    startedAt,
    get late() {
      return late;
    },
    cancel() {
      open = false;
      cancelled = true;
      callOff();
      endTiming();
      controller.abort();
    },
  };
}

function lateText(
  timeoutMs: number,
  explain: (() => string | undefined) | undefined,
  redactor: TextRedactor,
): string {
  const text = `no answer within ${timeoutMs} ms`;
  try {
    const why = explain?.();
    return why === undefined ? text : redactReason(`${text}: ${why}`, redactor);
  } catch (error) {
    reportFault("WHODUNIT_HEALTH_EXPLAIN", error);
    return text;
  }
}

const RESULT_STATUSES: readonly unknown[] = ["OK", "DEGRADED", "ERROR"];

function readResult(result: unknown, redactor: TextRedactor): Omit<Outcome, "durationMs"> {
  if (result === false) {
    return { status: "ERROR", fault: { code: "FALSE", text: "the check resolved to false" } };
  }
  if (typeof result !== "object" || result === null) return { status: "OK" };
  try {
    const { status, reason, value, unit } = result as Partial<CheckResult>;
    if (status === undefined || !RESULT_STATUSES.includes(status)) return { status: "OK" };
    return {
      status,
      ...(status !== "OK" && {
        fault: { code: status, text: redactReason(String(reason ?? "no reason given"), redactor) },
      }),
      ...(typeof value === "number" && Number.isFinite(value) && { value }),
      ...(typeof unit === "string" && { unit }),
    };
  } catch (error) {
    return { status: "ERROR", fault: describeError(error, redactor) };
  }
}
