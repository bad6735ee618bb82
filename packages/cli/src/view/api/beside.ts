import type { BesideAnswer, BesideSide } from "../page/browser/answers.ts";
import type { Span } from "../span.ts";
import { getTrace, listTraces, type TraceSummary } from "../store/find-traces.ts";
import type { Placed } from "../store/segment-folder.ts";
import { waterfallRows } from "../waterfall.ts";

const LOOKED_AT = 200;
const MAX_STEPS = 500;

/** Lays a trace beside the latest good one of the same route. Null when the trace is not here. */
export function besideGood(segments: readonly Placed[], traceId: string): BesideAnswer | null {
  const spans = getTrace(segments, traceId);
  if (spans === null) return null;
  const root = waterfallRows(spans)[0]!.span;
  const alike = listTraces(segments, { service: root.service, route: root.name, limit: LOOKED_AT });
  const good = alike.find((trace) => trace.errors === 0 && trace.traceId !== traceId && isOf(trace, root));
  if (good === undefined) return { good: null, steps: [] };
  const here = stepsOf(spans);
  const there = stepsOf(getTrace(segments, good.traceId) ?? []);
  const paths = [...new Set([...here.keys(), ...there.keys()])].slice(0, MAX_STEPS);
  const { startMs, durationMs } = good;
  return {
    good: { traceId: good.traceId, startMs, durationMs },
    steps: paths.map((path) => {
      const { service, name, depth } = (here.get(path) ?? there.get(path))!;
      return { service, name, depth, here: sideOf(here.get(path)), there: sideOf(there.get(path)) };
    }),
  };
}

const isOf = ({ root }: TraceSummary, { service, name }: Span): boolean =>
  root.service === service && root.name === name;

interface Step extends BesideSide {
  readonly service: string;
  readonly name: string;
  readonly depth: number;
}

/** The steps of a trace by who called whom down to them; spans of one name under one caller are one step. */
function stepsOf(spans: readonly Span[]): Map<string, Step> {
  const steps = new Map<string, Step>();
  const pathOf: string[] = [];
  for (const { span, depth } of waterfallRows(spans)) {
    const { service, name, durationMs, error } = span;
    const path = `${depth === 0 ? "" : (pathOf[depth - 1] ?? "")}${JSON.stringify([service, name])}`;
    pathOf[depth] = path;
    const before = steps.get(path) ?? { spans: 0, durationMs: 0, errors: 0 };
    steps.set(path, {
      service,
      name,
      depth,
      spans: before.spans + 1,
      durationMs: before.durationMs + durationMs,
      errors: before.errors + Number(error),
    });
  }
  return steps;
}

const sideOf = (step: Step | undefined): BesideSide | null =>
  step === undefined ? null : { spans: step.spans, durationMs: step.durationMs, errors: step.errors };
