/** Refuses a variable whose value is none of `allowed`; returns it, undefined when it is not set. */
export function checkSetting<Allowed extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly Allowed[],
): Allowed | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw settingError(name, value, allowed.map((word) => JSON.stringify(word)).join(" or "));
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

/** A `TypeError` that names the variable, its value and what is wanted. */
export function settingError(name: string, value: string | undefined, wanted: string): TypeError {
  return new TypeError(`startTracing: ${name} is ${JSON.stringify(value)}, want ${wanted}`);
}
