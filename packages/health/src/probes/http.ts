import { anything, ofType, oneOf } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { checkUrl, headersOfHttp } from "./check-address.ts";

/** What {@link httpProbe} takes. */
export interface HttpProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The http(s) address to ask, without user and password: they belong in `headers`. */
  readonly url: string | URL;
  /** @default "GET" */
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Which status codes are well. Default: 200 to 299. */
  readonly accept?: (status: number) => boolean;
  /** What asks, for a dispatcher or agent of your own. Default: the global `fetch`, with its pool of connections. */
  readonly fetch?: typeof fetch;
}

const BODY_MAX_BYTES = 65_536;

const SHAPE: OwnShape<HttpProbeOptions> = {
  url: anything,
  method: oneOf(["GET", "HEAD"]),
  headers: headersOfHttp,
  accept: ofType("function"),
  fetch: ofType("function"),
};

/**
 * Asks an HTTP server. Redirects are not followed: where they lead would be told the headers, and is not what
 * was to be watched.
 *
 * @throws TypeError when an option is wrong
 */
export function httpProbe(options: HttpProbeOptions): Probe {
  checkProbeOptions("httpProbe", options, SHAPE);
  const { method = "GET", headers = {}, accept = isSuccess } = options;
  const url = checkUrl("httpProbe", options.url, options.fetch !== undefined);
  return probeFrom(options, {
    async check(signal) {
      const ask = options.fetch ?? globalThis.fetch;
      const response = await ask(url, { method, headers, signal, redirect: "manual" });
      await readBody(response, BODY_MAX_BYTES);
      if (!accept(response.status)) throw new Error(`answered ${response.status}`);
    },
  });
}

/**
 * Reads a body to its end, so that the connection can be used again; one longer than `maxBytes` is broken off.
 *
 * @throws Error when it is longer than `maxBytes` and somebody wants it whole
 */
export async function readBody(
  response: Response,
  maxBytes: number,
  whole: boolean = false,
): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size <= maxBytes) {
      text += decoder.decode(chunk, { stream: true });
    } else if (whole) {
      throw new Error(`the body is longer than ${maxBytes} bytes`);
    } else {
      break;
    }
  }
  return text + decoder.decode();
}

const isSuccess = (status: number): boolean => status >= 200 && status <= 299;
