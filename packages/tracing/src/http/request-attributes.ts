import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Attributes, AttributeValue } from "@opentelemetry/api";
import type { RequestEnd } from "@whodunit/core";
import { SCAN, type SerialiserRedactor } from "@whodunit/redaction/serialiser";

// HTTP semantic conventions 1.45, http.request.method: any other is `_OTHER`, so that names stay few.
const METHODS = new Set("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY".split(" "));
const NAMES_MAX = 1_000;
const COLON = 58;

/** Where attributes are put one by one: a span, or a collection of them. */
export interface AttributeSink {
  setAttribute(key: string, value: AttributeValue): unknown;
}

/** Attributes to be looked at before a span gets them. */
export class CollectedAttributes implements AttributeSink {
  readonly attributes: Attributes = {};

  setAttribute(key: string, value: AttributeValue): void {
    this.attributes[key] = value;
  }
}

/** What the semantic conventions tell of a request: as it comes in, or, with its `end`, as it was served. */
export function setRequestAttributes(
  span: AttributeSink,
  redactor: SerialiserRedactor,
  request: IncomingMessage,
  route: string | undefined,
  end: RequestEnd | undefined,
): void {
  const { method = "GET", headers } = request;
  const known = methodOf(request);
  span.setAttribute("http.request.method", known);
  if (known !== method) span.setAttribute("http.request.method_original", method);
  if (route !== undefined) span.setAttribute("http.route", route);
  const given = urlOf(request);
  const url = redactor.inspect(given) === SCAN ? redactor.redactUrl(given) : given;
  const query = url.indexOf("?");
  span.setAttribute("url.path", query === -1 ? url : url.slice(0, query));
  if (query !== -1) span.setAttribute("url.query", url.slice(query + 1));
  span.setAttribute("url.scheme", schemeOf(request));
  const authority = headers.host ?? headers[":authority"];
  if (typeof authority === "string") describeAuthority(span, authority);
  span.setAttribute("network.protocol.version", protocolVersion(request));
  const agent = headers["user-agent"];
  if (agent !== undefined) span.setAttribute("user_agent.original", agent);
  if (end?.status !== undefined) span.setAttribute("http.response.status_code", end.status);
}

// A router of Express cuts the path it is mounted at off `url` while it runs.
const urlOf = (request: IncomingMessage): string =>
  (request as { originalUrl?: string }).originalUrl ?? request.url ?? "";

/** The path of a request's URL, without its query. */
export const pathOf = (request: IncomingMessage): string => urlOf(request).split("?", 1)[0] as string;

/** What a Host header says. */
interface Authority {
  readonly text: string;
  readonly address: string;
  readonly port: number | undefined;
}

// A service is mostly called by one name: it is taken apart once.
let lastAuthority: Authority = { text: "", address: "", port: undefined };

function describeAuthority(span: AttributeSink, text: string): void {
  if (text !== lastAuthority.text) lastAuthority = authorityOf(text);
  span.setAttribute("server.address", lastAuthority.address);
  if (lastAuthority.port !== undefined) span.setAttribute("server.port", lastAuthority.port);
}

function authorityOf(text: string): Authority {
  // A port has five digits at most; a colon before that is part of an address.
  let at = text.length - 1;
  while (at > text.length - 6 && isDigit(text.charCodeAt(at))) at--;
  if (at === text.length - 1 || text.charCodeAt(at) !== COLON) {
    return { text, address: text, port: undefined };
  }
  return { text, address: text.slice(0, at), port: Number(text.slice(at + 1)) };
}

// Semantic conventions, network.protocol.version: "2", where Node says "2.0".
const protocolVersion = ({ httpVersion }: IncomingMessage): string =>
  httpVersion === "2.0" ? "2" : httpVersion;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** `http` or `https`, by the connection. */
export function schemeOf(request: IncomingMessage): string {
  return (request.socket as Partial<TLSSocket>).encrypted ? "https" : "http";
}

/** The method as the semantic conventions have it. */
export function methodOf(request: IncomingMessage): string {
  const method = request.method ?? "GET";
  return METHODS.has(method) ? method : "_OTHER";
}

/** `{method} {route}`; a method of no convention is `HTTP` (HTTP semantic conventions, span name). */
export function spanName(request: IncomingMessage, route: string | undefined): string {
  const method = methodOf(request);
  const verb = method === "_OTHER" ? "HTTP" : method;
  return route === undefined ? verb : routeName(verb, route);
}

// Every request asks for the same few: a text that is kept is hashed and flattened once.
const names = new Map<string, Map<string, string>>();

/** `{verb} {route}`. */
export function routeName(verb: string, route: string): string {
  const known = names.get(verb)?.get(route);
  if (known !== undefined) return known;
  const name = `${verb} ${route}`;
  const own = names.get(verb) ?? new Map<string, string>();
  if (own.size < NAMES_MAX) names.set(verb, own.set(route, name));
  return name;
}
