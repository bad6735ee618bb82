/** How to ask a service. */
export interface AskOptions {
  /** Sent as a bearer token; never follows a redirect. */
  readonly token?: string | undefined;
  /** @default "application/json" */
  readonly accept?: string;
  /** @default 2_000 */
  readonly timeoutMs?: number;
}

/** What came back. `error` says in a few words why there is no `body`. */
export type Answer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly status: number | null; readonly error: string };

const TIMEOUT_MS = 2_000;
// 2,000 series in three windows are about 3 MB; more than this is no answer of ours.
const MAX_ANSWER_BYTES = 33_554_432;

/** The address of a service as its users write it, made an absolute URL that ends in `/`. */
export function baseUrl(text: string): URL {
  const url = new URL(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.search = "";
  url.hash = "";
  return url;
}

/** Asks for JSON. Never rejects: a service that cannot be reached is an answer too. */
export async function askJson(url: URL, options: AskOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: options.accept ?? "application/json" };
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
  try {
    const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const text = await readText(response);
    try {
      return { ok: true, status: response.status, body: JSON.parse(text) };
    } catch {
      // An HTML page or a bare "Not Found": the status says enough.
      return { ok: false, status: response.status, error: `answered ${response.status}, not JSON` };
    }
  } catch (error) {
    return { ok: false, status: null, error: reason(error) };
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`answered more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError") return "timed out";
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" ? "refuses connections" : (code ?? cause.message);
}
