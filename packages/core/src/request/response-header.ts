import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";

/** A header; its name in lower case. */
export interface ResponseHeader {
  readonly name: string;
  readonly value: string;
}

/** `writeHead` of a response: status, perhaps a reason, perhaps headers. */
export type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse;

/**
 * Whether a header had better wait for `writeHead`. While a response has none of its own, Node takes those that
 * `writeHead` is given as they are; one header set before has it check and copy all of them. Over HTTP/2 a response
 * without a body never comes by `writeHead`.
 */
export function addsHeaderLate(response: ServerResponse): boolean {
  const { stream } = response as Partial<Pick<Http2ServerResponse, "stream">>;
  return stream === undefined && response.getHeaderNames().length === 0;
}

/** The arguments of `writeHead` with the header among them, unless the response has one of that name already. */
export function withHeader(
  response: ServerResponse,
  args: Parameters<WriteHead>,
  header: ResponseHeader,
): Parameters<WriteHead> {
  const { name, value } = header;
  if (response.hasHeader(name)) return args;
  const [status, reason] = args;
  const text = typeof reason === "string" ? reason : undefined;
  const given = args.at(-1);
  if (typeof given !== "object" || given === null) return [status, text, { [name]: value }];
  if (!Array.isArray(given)) {
    for (const key in given) if (isNamed(key, name)) return args;
    // A copy: what a service hands over may serve all of its responses.
    return [status, text, { ...given, [name]: value }];
  }
  const inPairs = Array.isArray(given[0]);
  const names = inPairs ? given.map((pair) => pair[0]) : given.filter((_, i) => i % 2 === 0);
  if (names.some((key) => isNamed(String(key), name))) return args;
  return [status, text, [...given, ...(inPairs ? [[name, value]] : [name, value])]];
}

const isNamed = (key: string, name: string): boolean =>
  key.length === name.length && key.toLowerCase() === name;
