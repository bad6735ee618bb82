import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { LineSplitter } from "../logs/line-splitter.ts";
import { baseUrl, hintFor, openAnswer, reasonOf } from "../sources/live/ask.ts";
import { hearWorkers, readWorkerHeader, WORKER_HEADER } from "../sources/live/workers.ts";
import { printable } from "../terminal/safe-text.ts";

/** Which requests to follow. */
export interface TapFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  /** A status such as `503`, or a class such as `5xx`. */
  readonly status?: string | undefined;
  /** Only failed requests. */
  readonly errors?: boolean | undefined;
  /** @default 100, decided by the service */
  readonly maxRps?: number | undefined;
}

/** How to follow them. */
export interface TapOptions extends TapFilter {
  readonly token?: string | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told which workers of a cluster are not followed, in words. */
  readonly onUnheard?: (unheard: string) => void;
}

/** One request that has ended, or a number of requests that were too many to tell. */
export type TapRecord = Readonly<Record<string, unknown>>;

const CONNECT_MS = 5_000;

/**
 * Follows the requests of one service as they end. Resolves when the signal is given or the service ends.
 *
 * @throws Error that says why the service cannot be followed
 */
export async function tap(
  url: string,
  options: TapOptions,
  onRecord: (record: TapRecord) => void,
): Promise<void> {
  const { token, signal, onUnheard, ...filter } = options;
  const at = new URL("debug/tap", baseUrl(url));
  for (const [name, value] of Object.entries(filter))
    if (value !== undefined) at.searchParams.set(name, String(value));
  const connecting = new AbortController();
  const timer = setTimeout(() => connecting.abort(), CONNECT_MS);
  const both = AbortSignal.any([signal, connecting.signal]);
  try {
    const open = (): Promise<IncomingMessage> =>
      openAnswer(at, { token, accept: "application/x-ndjson" }, both);
    const { answers, unheard } = await hearWorkers(
      open,
      ({ headers, statusCode }) =>
        statusCode === 200 ? readWorkerHeader(headers[WORKER_HEADER]) : undefined,
      { budgetMs: CONNECT_MS / 2, drop: (response) => void response.destroy() },
    );
    clearTimeout(timer);
    if (unheard !== undefined) onUnheard?.(unheard);
    // A worker that dies leaves the others to be followed.
    const ended = await Promise.allSettled(answers.map((response) => follow(response, token, onRecord)));
    const [failed] = ended.every(({ status }) => status === "rejected") ? ended : [];
    if (failed?.status === "rejected") throw failed.reason;
  } catch (error) {
    if (signal.aborted) return;
    throw new Error(connecting.signal.aborted ? "timed out" : reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
}

async function follow(
  response: IncomingMessage,
  token: string | undefined,
  onRecord: (record: TapRecord) => void,
): Promise<void> {
  if (response.statusCode !== 200) throw new Error(await refusalOf(response, token));
  const splitter = new LineSplitter((bytes, start, end) => {
    const record = parse(bytes.toString("utf8", start, end));
    if (record !== null) onRecord(record);
  });
  for await (const chunk of response as AsyncIterable<Buffer>) splitter.push(Buffer.from(chunk));
  splitter.end();
}

const MAX_REFUSAL_BYTES = 4_096;

// What the service says is wrong, such as with a filter, where it says so.
async function refusalOf(response: IncomingMessage, token: string | undefined): Promise<string> {
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk;
    if (text.length > MAX_REFUSAL_BYTES) break;
  }
  const error = parse(text)?.error;
  const said = typeof error === "string" ? `: ${printable(error)}` : "";
  return `answered ${response.statusCode}${said}${hintFor(response.statusCode, { token })}`;
}

function parse(line: string): TapRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as TapRecord) : null;
  } catch {
    return null; // A line cut by the end of the service.
  }
}
