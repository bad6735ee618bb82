import { isUtf8 } from "node:buffer";

const CONTROL = /[\0-\x08\x0e-\x1f]/;

/**
 * The text of an object that says more as text than as fields: functions, dates, regular expressions, URLs and bytes
 * (text when they are UTF-8 of at most `maxBytes`, else their number). `undefined` for all other objects. Not redacted.
 */
export function shownText(value: object, maxBytes: number): string | undefined {
  if (typeof value === "function") return `[Function: ${nameOf(value)}]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams)
    return String(value);
  if (value instanceof Uint8Array) return bytesText(value, maxBytes) ?? sizeText(value);
  const binary =
    ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return binary ? sizeText(value) : undefined;
}

/** The name of a function or class; empty when it has none. */
export function nameOf(value: unknown): string {
  const name = typeof value === "function" ? value.name : undefined;
  return typeof name === "string" ? name : "";
}

function bytesText(bytes: Uint8Array, maxBytes: number): string | undefined {
  if (bytes.byteLength === 0 || bytes.byteLength > maxBytes || !isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return CONTROL.test(text) ? undefined : text;
}

const sizeText = (binary: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): string =>
  `[${nameOf(binary.constructor)} ${binary.byteLength} bytes]`;
