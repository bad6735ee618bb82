// What is longer is no name of a class: it is left out whole, for half a secret may pass for none.
const TYPE_MAX_LENGTH = 128;
const CODE = /^[A-Za-z0-9][\w.:-]{0,63}$/;

// The language's own names: a class that extends one of these and sets no name inherits it.
const INHERITED = new Set([
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SuppressedError",
  "SyntaxError",
  "TypeError",
  "URIError",
]);

/**
 * What type an error has, wherever Whodunit tells it: the `name` that somebody gave it, else its class. A subclass
 * without a name of its own is told by its class, not by the name that it inherits. For what is no object, its
 * `typeof`. At most 128 characters; never throws, whatever getters and proxies do.
 */
export function errorType(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return typeof error;
    const { name } = error as { name?: unknown };
    if (isTypeName(name) && !isInherited(error, name)) return name;
    const constructed = (error as { constructor?: { name?: unknown } }).constructor?.name;
    if (isTypeName(constructed)) return constructed;
    return isTypeName(name) ? name : "Error";
  } catch {
    // A getter of the service's own threw, or a proxy was revoked.
    return "Error";
  }
}

/**
 * The code that an error bears, such as `ECONNREFUSED`, `ERR_INVALID_URL` or `23505`: text of letters, digits and
 * `_ . : -`, at most 64. Undefined where there is none. Never throws.
 */
export function errorCode(error: unknown): string | undefined {
  try {
    if (typeof error !== "object" || error === null) return undefined;
    const { code } = error as { code?: unknown };
    return typeof code === "string" && CODE.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

const isTypeName = (text: unknown): text is string =>
  typeof text === "string" && text !== "" && text.length <= TYPE_MAX_LENGTH;

// "Error" tells nothing even where it was set on the error itself.
const isInherited = (error: object, name: string): boolean =>
  name === "Error" || (INHERITED.has(name) && !Object.hasOwn(error, "name"));
