import { isAnyArrayBuffer, isBoxedPrimitive, isDate, isMap, isRegExp, isSet } from "node:util/types";
import { bytesText } from "./bytes-text.ts";
import { errorFields, isError } from "./error-fields.ts";

// Not by an import, which would load undici as well, for a WebSocket that is exported there: 27 ms of CPU.
const { IncomingMessage, ServerResponse } = process.getBuiltinModule("node:http");

/**
 * What a line shows in place of an object that is neither plain nor an array: something made of plain
 * objects, arrays and primitives, not yet redacted. The object itself when its own properties say it all.
 *
 * @param valueText gives a value as JSON text without secrets: a key of a Map may be anything
 */
export function plainView(
  object: object,
  maxItems: number,
  maxText: number,
  valueText: (value: unknown) => string,
): unknown {
  // Everywhere one more than fits, so that the cut is seen.
  if (isError(object)) return errorFields(object, maxItems + 1);
  if (isMap(object)) return entriesOf(object, maxItems, valueText);
  if (isSet(object)) return take(object, maxItems + 1);
  if (ArrayBuffer.isView(object)) {
    return object instanceof Uint8Array || object instanceof DataView
      ? bytesText(object, maxText)
      : take(object as unknown as Iterable<number>, maxItems + 1);
  }
  if (isAnyArrayBuffer(object)) return bytesText(object, maxText);
  if (isDate(object)) return Number.isNaN(object.getTime()) ? "Invalid Date" : object;
  if (isRegExp(object) || object instanceof URLSearchParams) return String(object);
  if (isHeaders(object)) return entriesOf(object, maxItems, valueText);
  if (isBoxedPrimitive(object)) return object.valueOf();
  const raw = (object as { raw?: unknown }).raw;
  const message = raw instanceof IncomingMessage || raw instanceof ServerResponse ? raw : object;
  if (message instanceof IncomingMessage) {
    const { method, url, headers, socket } = message;
    return { method, url, headers, remoteAddress: socket?.remoteAddress };
  }
  if (message instanceof ServerResponse) return { statusCode: message.statusCode };
  return object;
}

function take<Item>(items: Iterable<Item>, max: number): Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    if (taken.length === max) break;
    taken.push(item);
  }
  return taken;
}

function entriesOf(
  entries: Iterable<[unknown, unknown]>,
  maxItems: number,
  valueText: (value: unknown) => string,
): object {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of take(entries, maxItems + 1)) {
    object[typeof key === "object" && key !== null ? valueText(key) : String(key)] = value;
  }
  return object;
}

// fetch's Headers keep their entries in private fields. Naming the class would load all of fetch.
function isHeaders(object: object): object is Iterable<[string, string]> {
  return Object.prototype.toString.call(object) === "[object Headers]" && Symbol.iterator in object;
}
