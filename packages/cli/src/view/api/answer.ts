import { healthAnswer } from "../history/health-answer.ts";
import type { WaterfallAnswer } from "../page/browser/answers.ts";
import type { Span } from "../span.ts";
import { findChanges, findFailedRoutes, findHealthChanges, findTraffic } from "../store/find-history.ts";
import { countNames, findLines, isLineId, type LineFilter, linesAround } from "../store/find-lines.ts";
import { findMetrics } from "../store/find-metrics.ts";
import { countSpans, getTrace, listTraces, type TraceFilter } from "../store/find-traces.ts";
import { overTime } from "../store/over-time.ts";
import type { Telemetry } from "../store/telemetry.ts";
import { failure, waterfallRows } from "../waterfall.ts";
import { besideGood } from "./beside.ts";
import { type JsonAnswer, Parameters, WrongQuestion, wrong } from "./question.ts";
import { trafficAnswer } from "./traffic.ts";

export type Answer = (parameters: Parameters, telemetry: Telemetry, path: readonly string[]) => unknown;

const MAX_LIMIT = 1_000;
const MAX_POINTS = 1_500;
const HOUR_MS = 3_600_000;
const WEEK_MINUTES = 10_080;
const NOT_HERE = Symbol("not here");

/** Every question, by the pattern of its path. `docs/openapi.json` says what each takes and gives. */
export const ANSWERS: readonly (readonly [path: RegExp, answer: Answer])[] = [
  [/^\/api\/counts$/, (_parameters, telemetry) => telemetry.counts()],
  [
    /^\/api\/map$/,
    (parameters, { map, folder }) => {
      const windowS = parameters.word("windowS", ["60", "600"]) === "60" ? 60 : 600;
      const flow = parameters.word("flow", ["right", "down"]);
      const { fromMs, toMs = Date.now() } = stretch(parameters);
      if (fromMs === undefined) return map(windowS, flow);
      return map({ fromMs, toMs, window: findTraffic(folder.newestFirst, { fromMs, toMs }) }, flow);
    },
  ],
  [
    /^\/api\/traffic$/,
    (parameters, telemetry) =>
      trafficAnswer(telemetry, {
        windowS: 60 * parameters.integer("minutes", 1, 1, WEEK_MINUTES),
        atMs: parameters.moment("at"),
      }),
  ],
  [
    /^\/api\/traces$/,
    (parameters, { folder }) => ({ traces: listTraces(folder.newestFirst, traceFilter(parameters)) }),
  ],
  [
    /^\/api\/traces\/([^/]+)$/,
    (_parameters, { folder }, [traceId = ""]) => {
      const spans = getTrace(folder.newestFirst, traceId.toLowerCase());
      return spans === null ? NOT_HERE : { traceId: traceId.toLowerCase(), spans };
    },
  ],
  [
    /^\/api\/traces\/([^/]+)\/waterfall$/,
    (parameters, { folder }, [traceId = ""]) => {
      const id = traceId.toLowerCase();
      const unless = parameters.integer("unless", 0, 0, Number.MAX_SAFE_INTEGER);
      if (unless > 0 && countSpans(folder.newestFirst, id) === unless)
        return { traceId: id, spans: unless, rows: null };
      const spans = getTrace(folder.newestFirst, id);
      return spans === null ? NOT_HERE : waterfall(id, spans);
    },
  ],
  [
    /^\/api\/traces\/([^/]+)\/beside$/,
    (_parameters, { folder }, [traceId = ""]) =>
      besideGood(folder.newestFirst, traceId.toLowerCase()) ?? NOT_HERE,
  ],
  [
    /^\/api\/lines$/,
    (parameters, { folder }) => ({ lines: findLines(folder.newestFirst, lineFilter(parameters)) }),
  ],
  [
    /^\/api\/lines\/([^/]+)\/around$/,
    (parameters, { folder }, [id = ""]) => {
      const lines = linesAround(folder.newestFirst, id, parameters.integer("each", 20, 1, MAX_LIMIT));
      return lines.length === 0 ? NOT_HERE : { lines };
    },
  ],
  [
    /^\/api\/names$/,
    (parameters, { folder }) => {
      const { fromMs = Date.now() - HOUR_MS, toMs = Date.now() } = stretch(parameters);
      return { names: countNames(folder.newestFirst, { fromMs, toMs, service: parameters.text("service") }) };
    },
  ],
  [
    /^\/api\/over-time$/,
    (parameters, { folder }) => {
      const asked = steps(parameters);
      const points = overTime(folder.newestFirst, { ...asked, service: parameters.text("service") });
      return { stepMinutes: asked.stepMinutes, points };
    },
  ],
  [
    /^\/api\/changes$/,
    (parameters, { folder }) => {
      const { fromMs = Date.now() - HOUR_MS, toMs = Date.now() } = stretch(parameters);
      const changes = findChanges(folder.newestFirst, { fromMs, toMs }).filter(({ kind }) => kind !== "seen");
      return { changes: changes.map(({ atMs, service, kind, what }) => ({ atMs, service, kind, what })) };
    },
  ],
  [
    /^\/api\/health$/,
    (parameters, { folder }) => {
      const { fromMs = Date.now() - HOUR_MS, toMs = Date.now() } = stretch(parameters);
      const segments = folder.newestFirst;
      return healthAnswer(findHealthChanges(segments, toMs), { fromMs, toMs }, (sinceMs, untilMs) =>
        findFailedRoutes(segments, { fromMs: sinceMs, toMs: untilMs }),
      );
    },
  ],
  [
    /^\/api\/metrics$/,
    (parameters, { folder }) => {
      const asked = steps(parameters);
      const metrics = findMetrics(folder.newestFirst, { ...asked, service: parameters.text("service") });
      return { fromMs: asked.fromMs, stepMinutes: asked.stepMinutes, metrics };
    },
  ],
];

/** Answers a question of the API; null when the path is none. What was taken before is in the answer. */
export async function answer(url: URL, telemetry: Telemetry): Promise<JsonAnswer | null> {
  for (const [path, give] of ANSWERS) {
    const found = path.exec(url.pathname);
    if (found === null) continue;
    telemetry.write();
    try {
      const body = await give(new Parameters(url.searchParams), telemetry, found.slice(1));
      return body === NOT_HERE ? wrong(404, "it is not here") : { status: 200, body };
    } catch (error) {
      if (error instanceof WrongQuestion) return wrong(400, error.message);
      throw error;
    }
  }
  return null;
}

function steps(parameters: Parameters): { fromMs: number; toMs: number; stepMinutes: number } {
  const { fromMs = Date.now() - HOUR_MS, toMs = Date.now() } = stretch(parameters);
  const stepMinutes = parameters.integer("stepMinutes", 1, 1, WEEK_MINUTES);
  if ((toMs - fromMs) / (stepMinutes * 60_000) > MAX_POINTS)
    throw new WrongQuestion(`from and to hold more than ${MAX_POINTS} steps of stepMinutes`);
  return { fromMs, toMs, stepMinutes };
}

const stretch = (parameters: Parameters): { fromMs: number | undefined; toMs: number | undefined } => ({
  fromMs: parameters.moment("from"),
  toMs: parameters.moment("to"),
});

const traceFilter = (parameters: Parameters): TraceFilter => ({
  service: parameters.text("service"),
  route: parameters.text("route"),
  error: parameters.word("error", ["false", "true"]) === "true",
  minMs: parameters.milliseconds("minMs"),
  maxMs: parameters.milliseconds("maxMs"),
  search: parameters.text("search"),
  ...stretch(parameters),
  limit: parameters.integer("limit", 50, 1, MAX_LIMIT),
});

const lineFilter = (parameters: Parameters): LineFilter => ({
  search: parameters.text("search"),
  service: parameters.text("service"),
  level: parameters.text("level"),
  name: parameters.text("name"),
  traceId: parameters.text("trace")?.toLowerCase(),
  ...stretch(parameters),
  before: lineId(parameters, "before"),
  after: lineId(parameters, "after"),
  limit: parameters.integer("limit", 100, 1, MAX_LIMIT),
});

function lineId(parameters: Parameters, name: string): string | undefined {
  const id = parameters.text(name);
  if (id === undefined || isLineId(id)) return id;
  throw new WrongQuestion(`${name} is not the id of a line`);
}

function waterfall(traceId: string, spans: readonly Span[]): WaterfallAnswer {
  const rows = waterfallRows(spans).map(({ span, depth }) => ({
    span,
    depth,
    failure: span.error ? failure(span) : "",
  }));
  return { traceId, spans: rows.length, rows };
}
