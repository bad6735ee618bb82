import type { IncomingHttpHeaders } from "node:http";
import { type Context, propagation, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";
import type { HeaderCarrier } from "./caller.ts";

/** Reads the parsed headers of a Node request: lower case already. */
export const HEADERS: TextMapGetter<IncomingHttpHeaders> = {
  get: (headers, key) => headers[key],
  keys: (headers) => Object.keys(headers),
};

/** The one value of a key; undefined where there is none or more than one. */
export function first(getter: TextMapGetter, carrier: unknown, key: string): string | undefined {
  const value = getter.get(carrier, key);
  if (Array.isArray(value)) return value.length === 1 ? value[0] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** Writes into a plain object of lower-case names. */
export const PLAIN: TextMapSetter<HeaderCarrier> = {
  set: (headers, key, value) => {
    headers[key] = value;
  },
};

/** Reads an object of whatever case of names, as carriers of old code are. */
const ANY_CASE: TextMapGetter<Readonly<Record<string, unknown>>> = {
  get: (carrier, key) => {
    const exact = carrier[key];
    if (exact !== undefined) return textOf(exact);
    for (const name in carrier) if (name.toLowerCase() === key) return textOf(carrier[name]);
    return undefined;
  },
  keys: (carrier) => Object.keys(carrier),
};

const textOf = (value: unknown): string | string[] | undefined =>
  typeof value === "string" || Array.isArray(value) ? value : undefined;

/** Writes the context's span and baggage into a plain object, by the registered propagators. */
export function injectInto(context: Context, headers: HeaderCarrier): void {
  propagation.inject(context, headers, PLAIN);
}

/** `context` with the span and baggage that the carrier holds. */
export function extractFrom(context: Context, carrier: object): Context {
  return propagation.extract(context, carrier as Record<string, unknown>, ANY_CASE);
}
