import { once } from "node:events";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { ASKING_MS, readKeys, SIGNATURE_HEADER, signatureOf } from "./key.ts";

/** How to ask a service. */
export interface AskOptions {
  /** Sent as a bearer token; never follows a redirect. */
  readonly token?: string | undefined;
  /** @default "application/json" */
  readonly accept?: string;
  /** @default "GET" */
  readonly method?: "GET" | "PUT" | "POST";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as the body, as it is. */
  readonly text?: string;
  /** More of them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whom to trust, and what is shown: PEM texts. */
  readonly tls?: Readonly<
    Partial<Record<"ca" | "cert" | "key", string | undefined> & Record<"rejectUnauthorized", boolean>>
  >;
  /** One of the addresses of the host, where it has several. */
  readonly address?: string | undefined;
  /** @default 2_000 */
  readonly timeoutMs?: number | undefined;
  /** How long to wait for the answer where the connection stands: a loop that stands still answers late. @default `timeoutMs` */
  readonly answerMs?: number | undefined;
}

/** What came back. `error` says in a few words why there is no `body`. */
export type Answer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly status: number | null; readonly error: string };

const TIMEOUT_MS = 2_000;
// A timer is a little late anyway.
const BUSY_MS = 50;
// 2,000 series in three windows are about 3 MB; more than this is no answer of ours.
const MAX_ANSWER_BYTES = 33_554_432;

/**
 * The address of a service as its users write it, made an absolute URL that ends in `/`.
 *
 * @throws TypeError when it is no http or https URL, or holds a user or password: those show up in process lists
 */
export function baseUrl(text: string): URL {
  const url = new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("not http or https");
  if (url.username !== "" || url.password !== "") throw new TypeError("holds a user or password");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.search = "";
  url.hash = "";
  return url;
}

/** Asks for JSON. Never rejects: a service that cannot be reached is an answer too. */
export async function askJson(url: URL, options: AskOptions = {}): Promise<Answer> {
  const { timeoutMs = TIMEOUT_MS, answerMs = timeoutMs } = options;
  const patience = new AbortController();
  const { signal } = patience;
  let timer: NodeJS.Timeout | undefined;
  // Time for which this process did not run is not the other's: what came meanwhile it has not looked at. As much again at most.
  const waitFor = (ms: number, leftMs = ms): void => {
    const dueMs = performance.now() + ms;
    timer = setTimeout(() => {
      const lateMs = Math.min(performance.now() - dueMs, leftMs);
      if (lateMs < BUSY_MS) patience.abort();
      else waitFor(lateMs, leftMs - lateMs);
    }, ms);
  };
  waitFor(timeoutMs);
  const onConnect = (): void => {
    clearTimeout(timer);
    if (!signal.aborted) waitFor(answerMs);
  };
  try {
    const response = await openAnswer(url, options, signal, onConnect);
    const text = await readText(response);
    const status = response.statusCode ?? 0;
    try {
      return { ok: true, status, body: JSON.parse(text) };
    } catch {
      // An HTML page or a bare "Not Found": the status says enough.
      return { ok: false, status, error: `answered ${status}, not JSON` };
    }
  } catch (error) {
    return { ok: false, status: null, error: signal.aborted ? "timed out" : reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** How a service was asked that refused. */
export interface Asked {
  /** The token that was sent. */
  readonly token: string | undefined;
  /** Its host and port, where it was found and not given. */
  readonly found?: string | undefined;
}

/** What helps where `/debug/*` refuses, by the status of its answer; empty where nothing is known to. */
export function hintFor(status: number | null | undefined, { token, found }: Asked): string {
  if (status === 404) return " (in production /debug/* is there only with WHODUNIT_TOKEN set at the service)";
  if (status !== 401) return "";
  if (token !== undefined) return " (the service refuses this token)";
  if (found !== undefined) return ` (found, not given: only --follow ${found} lets it have the token)`;
  return " (the service wants a token: --token or WHODUNIT_TOKEN)";
}

/** Sends a request and resolves to its answer, the body unread; tells when it is connected. Rejects when there is none. */
export async function openAnswer(
  url: URL,
  options: AskOptions,
  signal: AbortSignal,
  onConnect: () => void = () => {},
): Promise<IncomingMessage> {
  const { token, accept = "application/json", method = "GET", body, text, address, tls } = options;
  const headers: Record<string, string> = { accept };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  Object.assign(headers, options.headers);
  const keys = isAdmin(url) ? await readKeys() : [];
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const sent = request(url, { method, headers, signal, agent: false, ...tls, ...lookupOf(address) });
  const end = (): void => void sent.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
  sent.once("socket", (socket: Socket) => socket.once("connect", onConnect));
  if (keys.length === 0) end();
  else {
    sent.once("socket", (socket: Socket) =>
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        const { remoteAddress = "", remotePort: port = 0 } = socket;
        const claim = { host: url.host, addresses: [remoteAddress], port, ttlMs: ASKING_MS };
        sent.setHeader(SIGNATURE_HEADER, signatureOf(keys, { ...claim, changes: method !== "GET" }));
        end();
      }),
    );
  }
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  // What goes wrong from now on is told by reading the body; without a listener it would end the process.
  sent.on("error", () => {});
  return response;
}

// Only there it opens something; it is worth nothing on any other connection, so whoever is asked may have it.
const isAdmin = (url: URL): boolean => url.pathname.includes("/debug/");

// The Host header and the certificate's name stay those of the URL; only the address is chosen.
function lookupOf(address: string | undefined): Pick<RequestOptions, "lookup"> {
  if (address === undefined) return {};
  const family = address.includes(":") ? 6 : 4;
  return {
    lookup: (_host, options, callback) => {
      if (options.all === true) callback(null, [{ address, family }]);
      else callback(null, address, family);
    },
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`answered more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Why a request failed, in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Both addresses of localhost refused: Node tells it as one error of two.
  const cause = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return "refuses connections";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "has no address";
  return code ?? cause.message;
}
