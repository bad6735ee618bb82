import { isUtf8 } from "node:buffer";

const UNPRINTABLE = /[\u0000-\u0008\u000e-\u001f\u007f]/;

/**
 * The text in a Buffer or typed array of bytes, of which at most `max` bytes are looked at; where it is no
 * text, what it is and how long. Never base64: that would carry a secret past every pattern.
 */
export function bytesText(view: ArrayBufferView | ArrayBufferLike, max: number): string {
  const bytes = ArrayBuffer.isView(view)
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : new Uint8Array(view);
  const head = bytes.subarray(0, max);
  // A cut may fall within a character: up to three bytes at its end do not count.
  const whole = [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, Math.max(0, head.length - cut))));
  const text = whole ? new TextDecoder().decode(head) : "";
  return whole && !UNPRINTABLE.test(text) ? text : `[${nameOf(view)} ${bytes.length} bytes]`;
}

function nameOf(view: ArrayBufferView | ArrayBufferLike): string {
  const { name } = (view.constructor ?? {}) as { name?: unknown };
  return typeof name === "string" && name !== "" ? name : "Uint8Array";
}
