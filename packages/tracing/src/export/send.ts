import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppress } from "../context/suppress.ts";
import type { ExportSettings } from "./settings.ts";

/** What the receiver said of a batch. */
export type Outcome =
  | { readonly kind: "accepted"; readonly rejected: number }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "retry"; readonly afterMs: number | undefined; readonly reason: string };

// OTLP/HTTP, section "Retryable Response Codes".
const RETRYABLE = new Set([429, 502, 503, 504]);
const ANSWER_MAX_BYTES = 64 * 1_024;
// Not by an import, which would load undici as well, for a WebSocket that is exported there: 27 ms of CPU.
const http = process.getBuiltinModule("node:http");

/** Sends encoded batches by OTLP/HTTP over kept-alive connections that hold no process open. */
export class Sender {
  readonly #settings: ExportSettings;
  readonly #request: typeof http.request;
  readonly #agent: Agent;
  readonly #options: RequestOptions;

  constructor(settings: ExportSettings, connections: number) {
    this.#settings = settings;
    const { url, headers, tls } = settings;
    // TLS is loaded by those who want it only.
    const protocol = url.protocol === "https:" ? process.getBuiltinModule("node:https") : http;
    this.#request = protocol.request;
    this.#agent = new protocol.Agent({ keepAlive: true, maxSockets: connections, ...tls });
    this.#options = {
      method: "POST",
      agent: this.#agent,
      headers: {
        "user-agent": "whodunit-tracing",
        ...headers,
        "content-type": "application/x-protobuf",
        ...(settings.gzip ? { "content-encoding": "gzip" } : {}),
      },
    };
  }

  /** Sends one body, and waits `leftMs` for the answer at most. Never rejects. */
  async send(body: Buffer, signal: AbortSignal, leftMs: number): Promise<Outcome> {
    try {
      const bytes = this.#settings.gzip ? await compressed(body) : body;
      // Outside of any request and suppressed: telemetry's own traffic leaves no span.
      return await context.with(suppress(ROOT_CONTEXT), () => this.#post(bytes, signal, leftMs));
    } catch (error) {
      return { kind: "retry", afterMs: undefined, reason: (error as NodeJS.ErrnoException).code ?? "error" };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(body: Buffer, signal: AbortSignal, leftMs: number): Promise<Outcome> {
    const { url, timeoutMs } = this.#settings;
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const request = this.#request(url, { ...this.#options, signal }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= ANSWER_MAX_BYTES) chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => resolve(judge(response, Buffer.concat(chunks))));
    });
    const timer = setTimeout(() => request.destroy(timeoutError()), Math.min(timeoutMs, leftMs));
    timer.unref();
    request.on("socket", (socket) => socket.unref());
    request.on("error", reject);
    request.on("close", () => {
      clearTimeout(timer);
      reject(new Error("closed"));
    });
    request.setHeader("content-length", body.length);
    request.end(body);
    return promise;
  }
}

function judge(response: IncomingMessage, body: Buffer): Outcome {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    return { kind: "accepted", rejected: rejectedSpans(response.headers["content-type"] ?? "", body) };
  }
  if (!RETRYABLE.has(status)) return { kind: "refused", status };
  return { kind: "retry", afterMs: retryAfterMs(response.headers["retry-after"]), reason: `HTTP ${status}` };
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

const timeoutError = (): Error => Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });

/** `partial_success.rejected_spans` of an ExportTraceServiceResponse, in whichever of its two encodings. */
export function rejectedSpans(contentType: string, body: Buffer): number {
  try {
    if (contentType.includes("json")) {
      const { partialSuccess } = JSON.parse(body.toString()) as {
        partialSuccess?: { rejectedSpans?: number | string };
      };
      return Math.max(0, Number(partialSuccess?.rejectedSpans ?? 0)) || 0;
    }
    // partial_success is field 1, a message; its field 1 is rejected_spans, an int64.
    let at = 1;
    while (body[at]! > 127) at++;
    if (body[0] !== 0x0a || body[at + 1] !== 0x08) return 0;
    let value = 0;
    for (let i = at + 2, scale = 1; i < body.length; i++, scale *= 128) {
      value += (body[i]! & 127) * scale;
      if (body[i]! < 128) return value;
    }
    return 0;
  } catch {
    // An answer that cannot be read, with a status of success, is taken for success.
    return 0;
  }
}

// zlib is loaded by those who want it only.
function compressed(body: Buffer): Promise<Buffer> {
  const { gzip } = process.getBuiltinModule("node:zlib");
  return new Promise((resolve, reject) => {
    gzip(body, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}
