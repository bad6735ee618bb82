import { isUtf8 } from "node:buffer";

const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;

/**
 * The text of an object that says more as text than as fields: functions, dates, regular expressions, URLs and bytes
 * (text when they are UTF-8 of at most `maxBytes`, else their number; arrays of other numbers say more as such). `undefined` for all other objects. Not redacted.
 */
export function shownText(value: object, maxBytes: number): string | undefined {
  if (typeof value === "function") return `[Function: ${nameOf(value)}]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams)
    return String(value);
  const bytes = bytesOf(value);
  return bytes === undefined ? undefined : (bytesText(bytes, maxBytes) ?? sizeText(value as ArrayBufferView));
}

/** The name of a function or class; empty when it has none. */
export function nameOf(value: unknown): string {
  const name = typeof value === "function" ? value.name : undefined;
  return typeof name === "string" ? name : "";
}

function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const isBuffer = value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return isBuffer ? new Uint8Array(value) : undefined;
}

function bytesText(bytes: Uint8Array, maxBytes: number): string | undefined {
  if (bytes.byteLength > maxBytes || !isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return CONTROL.test(text) ? undefined : text;
}

const sizeText = (binary: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): string =>
  `[${nameOf(binary.constructor)} ${binary.byteLength} bytes]`;
