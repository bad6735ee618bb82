import { isSpan } from "../investigate/find-trace.ts";
import { isRecord } from "../is-record.ts";
import { openLog } from "../logs/open-log.ts";
import { lookInto, readSummaries } from "../logs/saved-summary.ts";
import { createTally } from "../logs/summarise.ts";
import { askView } from "../sources/view/ask-view.ts";
import { duration, failure, waterfallRows } from "../view/waterfall.ts";
import type { Claim, Found } from "./answer.ts";
import type { Given } from "./given.ts";
import { moment, traceAt } from "./places.ts";
import { joined, plain, say } from "./say.ts";

/** Which lines or traces. */
export interface RecordsAsked {
  readonly search?: string | undefined;
  readonly service?: string | undefined;
  readonly level?: string | undefined;
  readonly name?: string | undefined;
  readonly traceId?: string | undefined;
  readonly route?: string | undefined;
  readonly errors?: boolean | undefined;
  readonly minMs?: number | undefined;
  readonly sinceMinutes?: number | undefined;
}

// More than ever fit into one answer.
const MAX_ROWS = 40;
const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const MAX_FILES = 3;

const startOf = (sinceMinutes: number | undefined): number | undefined =>
  sinceMinutes === undefined ? undefined : Date.now() - sinceMinutes * MINUTE_MS;

const rowsOf = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

const text = (value: unknown): string => String(value ?? "");

/** Log lines that the view holds, the latest first. */
export async function tellLines(given: Given, asked: RecordsAsked): Promise<Found> {
  const { search, service, level, name, traceId, sinceMinutes } = asked;
  const parameters = {
    search,
    service,
    level,
    name,
    trace: traceId,
    from: startOf(sinceMinutes),
    limit: MAX_ROWS,
  };
  const { lines } = await askView(given.view, "api/lines", parameters, given.token);
  const found = rowsOf(lines);
  return {
    answer: say`${found.length}${plain(found.length === MAX_ROWS ? " or more" : "")} lines fit, the latest first.`,
    claims: found.map((line) => {
      const fields = isRecord(line.fields) ? JSON.stringify(line.fields) : "{}";
      const trace = typeof line.traceId === "string" ? say`, ${traceAt(given.view, line.traceId)}` : say``;
      return {
        claim: say`${text(line.level)} line of ${text(line.service)}: ${text(line.text)}${fields === "{}" ? say`` : say` ${fields}`}`,
        source: say`line ${text(line.id)} of ${moment(line.timeMs)} in ${plain(given.view)}${trace}`,
      };
    }),
    narrower: "Ask for a service, level, name, trace or time, or for words that must be in the line.",
  };
}

/** Traces that the view holds, the latest first, or the spans of one. */
export async function tellTraces(given: Given, asked: RecordsAsked): Promise<Found> {
  if (asked.traceId !== undefined) return tellTrace(given, asked.traceId);
  const { search, service, route, errors, minMs, sinceMinutes } = asked;
  const error = errors === true ? "true" : undefined;
  const parameters = { search, service, route, error, minMs, from: startOf(sinceMinutes), limit: MAX_ROWS };
  const { traces } = await askView(given.view, "api/traces", parameters, given.token);
  const found = rowsOf(traces);
  return {
    answer: say`${found.length}${plain(found.length === MAX_ROWS ? " or more" : "")} traces fit, the latest first.`,
    claims: found.map(({ traceId, root, spans, errors, durationMs, startMs }) => {
      const { service, name } = isRecord(root) ? root : {};
      return {
        claim: say`${text(name)} of ${text(service)} took ${plain(duration(Number(durationMs)))}, ${Number(errors)} of ${Number(spans)} spans failed, ${moment(startMs)}`,
        source: traceAt(given.view, text(traceId)),
      };
    }),
    narrower: "Ask for a service, route, errors, a least duration or time, or for one trace by its id.",
  };
}

async function tellTrace({ view, token }: Given, traceId: string): Promise<Found> {
  const { spans } = await askView(view, `api/traces/${traceId}`, {}, token);
  const rows = waterfallRows((Array.isArray(spans) ? spans : []).filter(isSpan));
  const failed = rows.filter(({ span }) => span.error).length;
  return {
    answer: say`${rows.length} spans, ${failed} failed; each stands below the one that it belongs to.`,
    claims: rows.map(({ span, depth }) => ({
      claim: say`${plain(`depth ${depth}:`)} ${span.name} of ${span.service}, ${plain(duration(span.durationMs))}${span.error ? say`, failed: ${failure(span)}` : say``}`,
      source: say`span ${span.spanId} of ${traceAt(view, traceId)}`,
    })),
    narrower: "Ask for the lines of this trace.",
  };
}

/** What needed attention, counted by name: of the log files that were given, else of the lines that the view holds. */
export async function tellSummary(given: Given, asked: RecordsAsked): Promise<Found> {
  const { claims, total } =
    given.logs.length > 0 ? await fromLogs(given, asked) : await fromView(given, asked);
  return {
    answer: say`${total} lines of ${claims.length} names asked for attention, the most frequent first.`,
    claims,
    narrower: "Ask for a name's beginning, or for a shorter time.",
  };
}

interface Counted {
  readonly claims: readonly Claim[];
  readonly total: number;
}

async function fromLogs(
  { logs }: Given,
  { name = "", service, sinceMinutes }: RecordsAsked,
): Promise<Counted> {
  if (service !== undefined)
    throw new Error("log files are not told apart by service: ask by the name's beginning");
  const since = startOf(sinceMinutes);
  const tally = createTally(since === undefined ? {} : { since: new Date(since) });
  for (const file of logs) {
    try {
      const { isSummary, bytes } = await lookInto(openLog(file), file);
      if (isSummary) for (const one of await readSummaries(bytes)) tally.add(one);
      else await tally.read(bytes);
    } catch (error) {
      throw new Error(`cannot read ${file}: ${(error as Error).message}`);
    }
  }
  const names = tally.summary().names.filter((one) => one.name.startsWith(name));
  const source = say`lines of this name in ${joined(logs.slice(0, MAX_FILES).map(plain), ", ")}`;
  return {
    total: names.reduce((sum, { count }) => sum + count, 0),
    claims: names
      .toSorted((a, b) => b.count - a.count)
      .map((one) => ({
        claim: say`${one.name}: ${one.count} times, first ${plain(one.firstSeen ?? "at no time")}, last ${plain(one.lastSeen ?? "at no time")}`,
        source,
      })),
  };
}

async function fromView(
  { view, token }: Given,
  { name = "", service, sinceMinutes = HOUR_MINUTES }: RecordsAsked,
): Promise<Counted> {
  const parameters = { service, from: startOf(sinceMinutes) };
  const answer = await askView(view, "api/names", parameters, token);
  const names = rowsOf(answer.names).filter((one) => one.failed === true && text(one.name).startsWith(name));
  return {
    total: names.reduce((sum, { count }) => sum + Number(count), 0),
    claims: names.map((one) => ({
      claim: say`${text(one.name)} of ${text(one.service)}: ${Number(one.count)} times, first ${moment(one.firstMs)}, last ${moment(one.lastMs)}`,
      source: say`lines of this name in ${plain(view)}`,
    })),
  };
}
