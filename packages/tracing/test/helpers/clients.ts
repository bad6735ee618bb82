import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { Agent, request as undiciRequest } from "undici";

/** An answer whose headers are there. */
export interface ClientAnswer {
  readonly status: number;
  /** The body, as it comes. */
  readonly body: AsyncIterable<unknown>;
  /** Lets go of the body. */
  cancel(): void;
}

/** One way to make a request. */
export type Client = (url: string, signal?: AbortSignal) => Promise<ClientAnswer>;

async function byUndici(
  url: string,
  signal: AbortSignal | undefined,
  dispatcher?: Agent,
): Promise<ClientAnswer> {
  const options = { ...(signal && { signal }), ...(dispatcher && { dispatcher }) };
  const { statusCode, body } = await undiciRequest(url, options);
  // Whoever destroys a body gets an error for it.
  body.on("error", () => {});
  return { status: statusCode, body, cancel: () => body.destroy() };
}

/** The clients whose requests leave spans, over HTTP/1.1. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  "http.request": async (url, signal) => {
    const request = httpRequest(url, { agent: false, ...(signal && { signal }) }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    request.on("error", () => {});
    response.on("error", () => {});
    return { status: response.statusCode ?? 0, body: response, cancel: () => response.destroy() };
  },
  fetch: async (url, signal) => {
    const { status, body } = await fetch(url, signal ? { signal } : {});
    const stream = body as NonNullable<typeof body>;
    return { status, body: stream, cancel: () => void stream.cancel() };
  },
  "undici.request": (url, signal) => byUndici(url, signal),
};

/** undici over HTTP/2, to a server that vouches for itself. */
export function http2Client(): { readonly client: Client; close(): Promise<void> } {
  const agent = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
  return { client: (url, signal) => byUndici(url, signal, agent), close: () => agent.destroy() };
}
