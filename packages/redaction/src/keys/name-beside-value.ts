const NAME_MAX = 64;

/** Whether what stands under a key or name is a secret. */
type IsSensitive = (key: string) => boolean;

/**
 * Whether the item at `index` of an array is the value to a sensitive name in front of it, as in raw headers
 * (`["authorization", "…", "host", "…"]`) and in entries (`["authorization", "…"]`).
 */
export function isPairValue(array: readonly unknown[], index: number, isSensitive: IsSensitive): boolean {
  if ((index & 1) === 0 || (array.length & 1) === 1) return false;
  return isName(array[index - 1], isSensitive);
}

/** The sensitive name in `name` or `key` that says what the object's `value` is, as in `{ name: "token", value: "…" }`. */
export function valueName(holder: object, isSensitive: IsSensitive): string | undefined {
  const { name, key } = holder as { name?: unknown; key?: unknown };
  if (isName(name, isSensitive)) return name;
  return isName(key, isSensitive) ? key : undefined;
}

const isName = (value: unknown, isSensitive: IsSensitive): value is string =>
  typeof value === "string" && value.length <= NAME_MAX && isSensitive(value);
