import { basename } from "node:path";
import { isRecord } from "../is-record.ts";
import { openLog } from "../logs/open-log.ts";
import { askJson, baseUrl } from "../sources/live/ask.ts";
import { LineReader } from "../view/lines/line-reader.ts";

/** A log line of the failing trace. */
export interface TraceLine {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly service: string;
  readonly level: string;
  readonly text: string;
  readonly traceId: string;
  /** All else that it holds. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where lines may be. */
export interface LineSources {
  /** Log files, plain or gzipped, of whatever logger. */
  readonly files: readonly string[];
  /** A running `whodunit view`, and what opens it. */
  readonly view: string;
  readonly token: string | undefined;
}

const MAX_LINES = 20;
const MAX_TRACES = 5;

/**
 * The lines of the first of these traces that any are found of, earliest first: those of the files, else those that the view
 * holds. A view that is not there has none.
 *
 * @throws Error naming a file that cannot be read
 */
export async function findTraceLines(
  { files, view, token }: LineSources,
  traceIds: readonly string[],
): Promise<TraceLine[]> {
  const ids = traceIds.slice(0, MAX_TRACES);
  if (ids.length === 0) return [];
  const found = new Map<string, TraceLine[]>(ids.map((id) => [id, []]));
  for (const file of files) await readFile(file, found);
  for (const id of ids) {
    const lines = [...found.get(id)!, ...(files.length === 0 ? await askForLines(view, id, token) : [])];
    if (lines.length > 0) return lines.toSorted((a, b) => a.timeMs - b.timeMs).slice(0, MAX_LINES);
  }
  return [];
}

async function readFile(file: string, found: ReadonlyMap<string, TraceLine[]>): Promise<void> {
  const reader = new LineReader(basename(file).replace(/\.(?:log|json|ndjson|txt|gz)\b.*$/, ""));
  const keep = (lines: ReturnType<LineReader["read"]>): void => {
    for (const { timeMs, service, level, text, traceId, fields } of lines) {
      const kept = traceId === null ? undefined : found.get(traceId);
      if (kept !== undefined && kept.length < MAX_LINES)
        kept.push({ timeMs, service, level, text, traceId: traceId!, fields });
    }
  };
  try {
    for await (const chunk of openLog(file)) keep(reader.read(chunk));
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}`);
  }
  keep(reader.end());
}

async function askForLines(view: string, traceId: string, token: string | undefined): Promise<TraceLine[]> {
  const url = new URL("api/lines", baseUrl(view));
  url.searchParams.set("trace", traceId);
  url.searchParams.set("limit", String(MAX_LINES));
  const answer = await askJson(url, { token });
  const lines = answer.ok && answer.status === 200 && isRecord(answer.body) ? answer.body.lines : null;
  return (Array.isArray(lines) ? lines : []).flatMap((line: unknown): TraceLine[] => {
    // Something else may listen where a view is looked for.
    if (!isRecord(line) || typeof line.timeMs !== "number" || Math.abs(line.timeMs) > 8.64e15) return [];
    const { timeMs, service, level, text, fields } = line;
    if (![service, level, text].every((one) => typeof one === "string")) return [];
    const told = { service: service as string, level: level as string, text: text as string };
    return [{ timeMs, ...told, traceId, fields: isRecord(fields) ? fields : {} }];
  });
}
