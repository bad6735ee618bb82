import { createRedactor, KINDS } from "@whodunit/redaction";

type Hide = (value: unknown) => unknown;

const SEGMENT = /[^.[\]"'`]+/g;
const NO_KINDS = Object.fromEntries(KINDS.map((kind) => [kind, false as const]));
// A factory of children makes one a request, always with the same paths.
const HIDERS_MAX = 100;
const hiders = new Map<string, Hide>();

/**
 * What a child's `redact` asks for: a copy of a value where each path's last key is hidden, at any depth and whatever
 * stands before it. That hides no less than pino would.
 *
 * @param redact pino's option: paths, or an object with `paths`
 * @param before what the child's parent hides
 */
export function hider(redact: unknown, mask: string, before: Hide | undefined): Hide | undefined {
  const keys = keysOf(redact);
  if (keys.length === 0) return before;
  const id = JSON.stringify([mask, keys]);
  let hide = hiders.get(id);
  if (hide === undefined) {
    const redactor = createRedactor({ keys, kinds: NO_KINDS, mask });
    hide = (value) => redactor.redactValue(value);
    if (hiders.size < HIDERS_MAX) hiders.set(id, hide);
  }
  const own = hide;
  return before === undefined ? own : (value) => own(before(value));
}

function keysOf(redact: unknown): string[] {
  const paths: unknown = Array.isArray(redact) ? redact : (redact as { paths?: unknown }).paths;
  if (!Array.isArray(paths)) return [];
  const keys = paths.map((path) =>
    String(path)
      .match(SEGMENT)
      ?.findLast((segment) => segment !== "*"),
  );
  return [...new Set(keys.filter((key) => key !== undefined))];
}
