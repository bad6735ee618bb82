/**
 * `text` in one piece. What concatenation gives is a rope of its parts, and each line that holds it would have to
 * walk the rope again.
 */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}
