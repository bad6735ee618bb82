/** Refuses a variable whose value is none of `allowed`, in any case; returns it, undefined when it is not set. */
export function checkSetting<Allowed extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly Allowed[],
): Allowed | undefined {
  const text = value?.trim().toLowerCase();
  if (!text) return undefined;
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw settingError(name, value, allowed.map((word) => JSON.stringify(word)).join(" or "));
}

/** Reads a list of `allowed` words, in any case, each once; undefined when the variable is not set. */
export function listSetting<Allowed extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly Allowed[],
): readonly Allowed[] | undefined {
  const words = (value ?? "").toLowerCase().split(",");
  const named = [...new Set(words.map((word) => word.trim()))].filter((word) => word !== "");
  const found = named.flatMap((word) => allowed.find((one) => one === word) ?? []);
  if (found.length < named.length) throw settingError(name, value, `a list of ${allowed.join(", ")}`);
  return found.length === 0 ? undefined : found;
}

/** Reads a whole number within `[min, max]`; undefined when the variable is not set. */
export function integerSetting(
  name: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (!value?.trim()) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw settingError(name, value, `a whole number from ${min} to ${max}`);
}

/**
 * A `TypeError` that names the variable, its value and what is wanted. Of an address the user and password are
 * not shown; never pass another secret.
 */
export function settingError(name: string, value: string | undefined, wanted: string): TypeError {
  const shown = value?.replace(/\/\/[^/]*@/, "//[Redacted]@");
  return new TypeError(`startTracing: ${name} is ${JSON.stringify(shown)}, want ${wanted}`);
}
