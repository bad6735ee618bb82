const MAX_LENGTH = 200;

/**
 * A name cut to 200 characters. What is counted lives for minutes: a name of megabytes must not, nor be held by the part
 * of it that a slice is.
 */
export function shortName(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${Buffer.from(text.slice(0, MAX_LENGTH - 1)).toString()}…`;
}
