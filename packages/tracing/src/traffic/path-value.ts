import { lazily } from "@whodunit/core";

const word = lazily(() => /[\p{L}\p{N}]/u);

/**
 * Whether a text is what a route's parameter stands for in this path: there, from one break to another, and not in the
 * route itself. What no route matched is all parameter.
 *
 * @param path without percent-encoding
 * @param route `GET /users/:id`
 */
export function isPathValue(text: string, path: string, route: string): boolean {
  for (let at = path.indexOf(text); at !== -1; at = path.indexOf(text, at + 1)) {
    const before = path[at - 1];
    const after = path[at + text.length];
    const isWhole =
      !(before !== undefined && word().test(before)) && !(after !== undefined && word().test(after));
    if (isWhole) return !route.split("/").includes(text);
  }
  return false;
}
