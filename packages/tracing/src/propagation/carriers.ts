import type { IncomingHttpHeaders } from "node:http";
import { type Context, propagation, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";

/**
 * Things that carry headers: a plain object (of HTTP headers, Kafka headers with Buffers, AMQP properties with
 * their `headers`), `Headers`, a Map, or names and values in turn as in `request.rawHeaders`.
 */
export type Carrier =
  | object
  | {
      /** The value of a header. */
      get(name: string): unknown;
      /** Sets a header. */
      set(name: string, value: string): unknown;
    }
  | (string | Uint8Array)[];

/** Headers on their way out, by lower-case names. */
export type HeaderCarrier = Record<string, string>;

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

/** Reads any carrier by its entries, whatever the case of its names. */
const ENTRIES: TextMapGetter<readonly Entry[]> = {
  get(entries, key) {
    const values: string[] = [];
    for (const [name, value] of entries) if (name === key) values.push(value);
    return values.length > 1 ? values : values[0];
  },
  keys: (entries) => entries.map(([name]) => name),
};

type Entry = readonly [name: string, value: string];

/** Writes the context's span and baggage into a plain object, by the registered propagators. */
export function injectInto(context: Context, headers: HeaderCarrier): void {
  propagation.inject(context, headers, PLAIN);
}

/** `context` with the span and baggage that the carrier holds. */
export function extractFrom(context: Context, carrier: Carrier): Context {
  return propagation.extract(context, entriesOf(carrier), ENTRIES);
}

/** Writes headers into any carrier, in place of those of the same names. */
export function writeHeaders(carrier: Carrier, headers: HeaderCarrier): void {
  const target = headersOf(carrier);
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(target)) setRaw(target, name, value);
    else if (isSettable(target)) target.set(name, value);
    else setPlain(target as Record<string, unknown>, name, value);
  }
}

function* entriesIn(carrier: Carrier): Generator<readonly [unknown, unknown]> {
  const source = headersOf(carrier);
  if (Array.isArray(source)) {
    for (let i = 0; i + 1 < source.length; i += 2) yield [source[i], source[i + 1]];
  } else if (isSettable(source) && Symbol.iterator in source) {
    yield* source as unknown as Iterable<[unknown, unknown]>;
  } else yield* Object.entries(source);
}

function entriesOf(carrier: Carrier): Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of entriesIn(carrier)) {
    const key = textOf(name)?.toLowerCase();
    if (key === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      const text = textOf(one);
      if (text !== undefined) entries.push([key, text]);
    }
  }
  return entries;
}

// AMQP: what is handed to publish() and found in message.properties keeps its headers one level down.
function headersOf(carrier: Carrier): Carrier {
  const inner = Array.isArray(carrier) ? undefined : (carrier as { headers?: unknown }).headers;
  return typeof inner === "object" && inner !== null ? inner : carrier;
}

function isSettable(carrier: Carrier): carrier is { set(name: string, value: string): unknown } {
  return typeof (carrier as { set?: unknown }).set === "function";
}

// Kafka hands out its header values as Buffers.
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
}

function setPlain(carrier: Record<string, unknown>, name: string, value: string): void {
  for (const known in carrier) if (known.toLowerCase() === name && known !== name) delete carrier[known];
  carrier[name] = value;
}

function setRaw(carrier: (string | Uint8Array)[], name: string, value: string): void {
  for (let i = carrier.length - 2; i >= 0; i -= 2) {
    if (textOf(carrier[i])?.toLowerCase() === name) carrier.splice(i, 2);
  }
  carrier.push(name, value);
}
