import {
  type BaggageEntry,
  baggageEntryMetadataFromString,
  type Context,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from "@opentelemetry/api";
import { percentDecoded } from "@whodunit/core";
import { baggageOf } from "../context/span-baggage.ts";
import { isSuppressed } from "../context/suppress.ts";
import { trimOws } from "./tracestate.ts";

const HEADER = "baggage";
// W3C baggage, section 3.3: what every platform must carry; more is cut off here.
const ENTRIES_MAX = 180;
const BYTES_MAX = 8_192;
// RFC 7230 token, section 3.2.6.
const KEY = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Properties travel as they are written: what is no header text must not get out.
const PROPERTIES = /^[\x20-\x2b\x2d-\x7e]*$/;

/** W3C baggage. */
export class BaggagePropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const baggage = baggageOf(context);
    if (baggage === undefined || isSuppressed(context)) return;
    const header = serialiseBaggage(baggage.getAllEntries());
    if (header !== "") setter.set(carrier, HEADER, header);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = getter.get(carrier, HEADER);
    if (header === undefined) return context;
    const entries = parseBaggage(Array.isArray(header) ? header.join(",") : String(header));
    return entries === undefined
      ? context
      : propagation.setBaggage(context, propagation.createBaggage(entries));
  }

  fields(): string[] {
    return [HEADER];
  }
}

/** The `baggage` header of these entries: what does not fit the limits is left out. */
export function serialiseBaggage(entries: readonly (readonly [string, BaggageEntry])[]): string {
  let text = "";
  let count = 0;
  for (const [key, { value, metadata }] of entries) {
    if (!KEY.test(key)) continue;
    const given = metadata?.toString() ?? "";
    const properties = PROPERTIES.test(given) ? given : "";
    const pair = `${key}=${encodeValue(value)}${properties === "" ? "" : `;${properties}`}`;
    if (count === ENTRIES_MAX || text.length + pair.length + 1 > BYTES_MAX) break;
    text += text === "" ? pair : `,${pair}`;
    count++;
  }
  return text;
}

/** The entries of a `baggage` header; undefined when it has none. Bad pairs are left out. */
export function parseBaggage(header: string): Record<string, BaggageEntry> | undefined {
  if (header.length > BYTES_MAX) return undefined;
  const entries: [string, BaggageEntry][] = [];
  for (const pair of header.split(",", ENTRIES_MAX)) {
    const [entry = "", ...properties] = pair.split(";");
    const cut = entry.indexOf("=");
    const key = trimOws(entry.slice(0, Math.max(cut, 0)));
    if (!KEY.test(key)) continue;
    const value = percentDecoded(trimOws(entry.slice(cut + 1)));
    const metadata = properties.map(trimOws).join(";");
    entries.push([
      key,
      metadata === "" ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) },
    ]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

// A lone surrogate makes encodeURIComponent throw; U+FFFD is what UTF-8 has for it.
const encodeValue = (value: string): string => encodeURIComponent(value.toWellFormed());
