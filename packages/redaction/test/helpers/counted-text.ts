/** A string that counts how often a scanner looks at it. */
export interface CountedText {
  readonly text: string;
  readonly steps: () => number;
}

/**
 * Wraps a text so that every character read, compared or copied counts as one step. It stands in for a string where
 * only its methods, indexes and length are used.
 */
export function countSteps(text: string): CountedText {
  let steps = 0;
  const counting: Record<string, unknown> = {
    charCodeAt: (index: number) => {
      steps++;
      return text.charCodeAt(index);
    },
    startsWith: (part: string, at = 0) => {
      steps += 1;
      return text.startsWith(part, at);
    },
    indexOf: (part: string, from = 0) => {
      const found = text.indexOf(part, from);
      steps += (found === -1 ? text.length : found) - Math.min(from, text.length) + 1;
      return found;
    },
    slice: (start?: number, end?: number) => {
      const part = text.slice(start, end);
      steps += part.length + 1;
      return part;
    },
  };
  const proxy = new Proxy(Object(text) as object, {
    get(target, name) {
      if (name === "length") return text.length;
      if (typeof name === "string" && name in counting) return counting[name];
      if (typeof name === "string" && /^-?\d+$|^NaN$/.test(name)) {
        steps++;
        return text[Number(name)];
      }
      throw new Error(`not counted: ${String(name)} of ${typeof target}`);
    },
  });
  return { text: proxy as unknown as string, steps: () => steps };
}
