import { randomFillSync } from "node:crypto";

const HEX: readonly string[] = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, "0"));
// Random bytes are fetched in bulk: one call of the system's generator costs more than a whole span.
const pool = new Uint16Array(4_096);
let next = pool.length;

function quarter(): string {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return HEX[pool[next++]!]!;
}

/** A random span id: 16 hexadecimal digits, never all zero (W3C trace context, section 3.2.2.4). */
export function newSpanId(): string {
  const id = quarter() + quarter() + quarter() + quarter();
  return id === "0000000000000000" ? newSpanId() : id;
}

/** A random trace id: 32 hexadecimal digits. */
export function newTraceId(): string {
  return newSpanId() + newSpanId();
}
