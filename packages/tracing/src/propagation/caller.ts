import type { SpanContext } from "@opentelemetry/api";
import { normaliseName } from "@whodunit/core";
import { BAGGAGE_PREFIXES } from "./baggage-prefixes.ts";
import type { HeaderCarrier } from "./carriers.ts";
import { prependMember } from "./tracestate.ts";

/** The key of our member of `tracestate`: `whodunit=<service>:<span id>`. */
export const CALLER_KEY = "whodunit";
/** The caller of a request that does not say, or does not say it of this hop. */
export const UNKNOWN_CALLER = "unknown";

const SERVICE = /^[\x21-\x2b\x2d-\x39\x3b\x3c\x3e-\x7e]{1,128}$/;

/** A service's name as it can travel: any printable text without `,`, `:`, `=` and spaces, else normalised. */
export function callerName(service: string): string {
  return SERVICE.test(service) ? service : normaliseName(service);
}

/**
 * Who called, by the remote parent's `tracestate`. The member counts only when its span id is the parent's
 * own: a hop that knows only OpenTelemetry forwards the member of the hop before it. A claim, not a proof.
 */
export function callerOf(remote: SpanContext | undefined): string {
  const member = remote?.traceState?.get(CALLER_KEY);
  if (remote === undefined || member === undefined) return UNKNOWN_CALLER;
  const cut = member.length - remote.spanId.length - 1;
  if (member.charCodeAt(cut) !== 58 || !member.endsWith(remote.spanId)) return UNKNOWN_CALLER;
  const service = member.slice(0, cut);
  return SERVICE.test(service) ? service : UNKNOWN_CALLER;
}

/** Writes our name into injected headers. */
export function stampCaller(headers: HeaderCarrier, service: string): void {
  const { traceparent } = headers;
  if (traceparent !== undefined) setMember(headers, `${service}:${traceparent.slice(36, 52)}`);
}

/** Has headers tell a host what it may know: one that is trusted who calls, a stranger neither that nor baggage. */
export function fitForHost(headers: HeaderCarrier, isTrusted: boolean, service: string): void {
  if (isTrusted) stampCaller(headers, service);
  else hideFromStranger(headers, BAGGAGE_PREFIXES);
}

/** Takes the baggage, in headers that are named as any of `baggagePrefixes`, or begin with one that ends with a dash, and the caller's name out. */
export function hideFromStranger(headers: HeaderCarrier, baggagePrefixes: readonly string[]): void {
  for (const name in headers) {
    // `baggage` is a whole name: an application may have a `baggage-claim` of its own.
    if (
      baggagePrefixes.some((prefix) => name === prefix || (prefix.endsWith("-") && name.startsWith(prefix)))
    )
      delete headers[name];
  }
  if (headers.traceparent !== undefined && headers.tracestate !== undefined) setMember(headers, undefined);
}

function setMember(headers: HeaderCarrier, member: string | undefined): void {
  const state = prependMember(headers.tracestate, CALLER_KEY, member);
  if (state === "") delete headers.tracestate;
  else headers.tracestate = state;
}
