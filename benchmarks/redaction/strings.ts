import { nested } from "../logger/records.ts";

const SECRET = new Set(["authorization", "cookie", "email"]);

/** The strings of a request record that are no secret, as a serialiser meets them; 64 lists. */
export const STRINGS: readonly (readonly string[])[] = Array.from({ length: 64 }, (_, i) =>
  stringsOf(nested(i)),
);

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (SECRET.has(key) ? [] : stringsOf(item)));
}
