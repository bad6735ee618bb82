import { isRecord } from "../is-record.ts";
import { earlierName } from "./line-name.ts";
import { readRecord } from "./record.ts";
import type { NameCount, Summary } from "./summarise.ts";

/** The most that is read of one file of summaries, in bytes: 10,000 names with an example each are a sixth of it. */
const MAX_BYTES = 67_108_864;
const LOOKED_AT_BYTES = 65_536;

/** A summary as `--output json` wrote it. */
export interface SavedSummary extends Summary {
  /** What it was made of: a host, a cluster. */
  readonly name: string;
}

/** Bytes of a file that were looked into: whether they hold summaries, and all of them again. */
export interface Opened {
  readonly isSummary: boolean;
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Looks at the beginning of a file. What `--output json` writes begins with a line that holds a brace alone, which no line
 * of a log does; what a tool made one line of has `names`, and is no log record.
 *
 * @param file its name; one that ends in `.json` and holds one JSON text, which is no log record, should be a summary
 */
export async function lookInto(log: AsyncIterable<Buffer>, file: string): Promise<Opened> {
  const chunks = log[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return { isSummary: false, bytes: log };
  const [line = "", ...rest] = first.value.toString("utf8", 0, LOOKED_AT_BYTES).trimStart().split(/\r?\n/);
  const isAlone = rest.every((one) => one.trim() === "");
  // The memory of a chunk is used again once the next one is asked for: the first is handed on before that.
  async function* bytes(): AsyncIterable<Buffer> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { isSummary: beginsSummary(line, isAlone && /\.json(?:\.gz)?$/.test(file)), bytes: bytes() };
}

function beginsSummary(line: string, isJsonFile: boolean): boolean {
  if (/^[{[]\s*$/.test(line)) return true;
  if (!line.startsWith("{") && !(isJsonFile && line.startsWith("["))) return false;
  return (isJsonFile || /"names"\s*:\s*\[/.test(line)) && readRecord(line) === null;
}

/**
 * Reads the summaries that a file holds, one after the other.
 *
 * @throws Error that says what is wrong with them
 */
export async function readSummaries(bytes: AsyncIterable<Buffer>): Promise<SavedSummary[]> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`it is no summary: it is over ${MAX_BYTES / 1_048_576} MB`);
    chunks.push(Buffer.from(chunk));
  }
  // Only the braces of a whole summary stand at the beginning of a line.
  const texts = Buffer.concat(chunks)
    .toString()
    .trim()
    .split(/(?<=\})\s*\n(?=\{)/);
  try {
    return texts.map(readSummary);
  } catch (error) {
    throw new Error(`it is no summary: ${(error as Error).message}`);
  }
}

function readSummary(text: string): SavedSummary {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is cut or no JSON: ${(error as Error).message}`);
  }
  if (!isRecord(value) || !Array.isArray(value.names)) throw new Error("it has no names");
  const { name, lines = 0, skipped = 0 } = value;
  if (!isCount(lines) || !isCount(skipped)) throw new Error("its lines or skipped are no counts");
  const names = value.names.map(readName);
  const total = names.reduce((sum, { count }) => sum + count, 0);
  return { name: typeof name === "string" ? name : "", total, names, lines, skipped };
}

function readName(value: unknown, index: number): NameCount {
  const at = `names[${index}]`;
  if (!isRecord(value) || typeof value.name !== "string") throw new Error(`${at} has no name`);
  const { name, count, firstSeen = null, lastSeen = null, example = "" } = value;
  if (!isCount(count)) throw new Error(`${at}.count is no count`);
  if (!isTime(firstSeen) || !isTime(lastSeen)) throw new Error(`${at} was first or last seen at no time`);
  if (typeof example !== "string") throw new Error(`${at}.example is no text`);
  return { name: earlierName(name), count, firstSeen, lastSeen, example };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isTime = (value: unknown): value is string | null =>
  value === null || (typeof value === "string" && !Number.isNaN(Date.parse(value)));
