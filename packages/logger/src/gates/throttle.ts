import { checkShape, errorType, integer, Rate, type Shape } from "@whodunit/core";
import type { EventName } from "../line/event-name.ts";
import { templateOf } from "./text-template.ts";
import { kindOfUnnamed } from "./unnamed-kind.ts";

const TOLD_AFTER_MS = 1_000;
const KINDS_MAX = 1_000;

/** How many error lines of one kind are written. */
export interface ThrottleOptions {
  /** The most a second; one more line then says how many there were beyond. @default 100 */
  readonly perSecond?: number;
}

/** Error lines that were not written, told by one that is. */
export interface Suppressed {
  readonly event: EventName;
  readonly route: string | undefined;
  readonly type: string | undefined;
  /** What their free texts have in common; undefined where they have names. */
  readonly template: string | undefined;
  /** How many lines this one stands for. */
  readonly repeats: number;
}

/** Error lines of one name, or of what lines without a name have in common, of one route and error type. */
interface Kind {
  readonly event: EventName;
  readonly route: string | undefined;
  readonly type: string | undefined;
  readonly template: string | undefined;
  readonly rate: Rate;
  suppressed: number;
}

const SHAPE = { perSecond: integer(1, 1_000_000) } satisfies Shape<ThrottleOptions>;

/** Fills in the defaults. @throws TypeError when an option is wrong */
export function resolveThrottle(
  options: ThrottleOptions | false | undefined,
): Required<ThrottleOptions> | false {
  if (options === false) return false;
  const owner = "createLogger throttle";
  if (options !== undefined) checkShape(owner, options, SHAPE);
  const { perSecond = 100 } = options ?? {};
  return { perSecond };
}

/**
 * Lets the first error lines of a kind through each second and counts the rest: a fault that repeats thousands of
 * times a second fills no disk and hides no other.
 */
export class Throttle {
  readonly #perSecond: number;
  readonly #onSuppressed: (suppressed: Suppressed) => void;
  readonly #kinds = new Map<string, Kind>();
  #timer: NodeJS.Timeout | undefined;
  /** How many lines were suppressed, ever. */
  total = 0;

  /** @param onSuppressed told once a second for each kind of which lines were suppressed */
  constructor({ perSecond }: Required<ThrottleOptions>, onSuppressed: (suppressed: Suppressed) => void) {
    this.#perSecond = perSecond;
    this.#onSuppressed = onSuppressed;
  }

  /**
   * Whether an error line is written; if not, it is counted.
   *
   * @param text the free text of a line that nobody named, empty where it has none; undefined where it has a name
   */
  admit(event: EventName, route: string | undefined, fields: unknown, text?: string): boolean {
    const type = typeOf(fields);
    const unnamed = text === undefined ? "" : kindOfUnnamed(text, fields);
    const key = `${event.name}\n${route ?? ""}\n${type ?? ""}\n${unnamed}`;
    const now = Date.now();
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      if (this.#kinds.size >= KINDS_MAX && !this.#forgetIdle(now)) return true;
      const template = text ? templateOf(text) : undefined;
      kind = { event, route, type, template, rate: new Rate(this.#perSecond), suppressed: 0 };
      this.#kinds.set(key, kind);
    }
    if (kind.rate.admit(now)) return true;
    kind.suppressed++;
    this.total++;
    this.#timer ??= setTimeout(() => this.settle(), TOLD_AFTER_MS).unref();
    return false;
  }

  /** Tells what was suppressed and not yet told. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const kind of this.#kinds.values()) {
      if (kind.suppressed === 0) continue;
      const { event, route, type, template, suppressed: repeats } = kind;
      kind.suppressed = 0;
      this.#onSuppressed({ event, route, type, template, repeats });
    }
  }

  #forgetIdle(now: number): boolean {
    for (const [key, kind] of this.#kinds) {
      if (kind.suppressed === 0 && kind.rate.isOver(now)) this.#kinds.delete(key);
    }
    return this.#kinds.size < KINDS_MAX;
  }
}

function typeOf(fields: unknown): string | undefined {
  try {
    if (fields instanceof Error) return errorType(fields);
    const error = (fields as { err?: unknown } | undefined)?.err;
    return error === undefined || error === null ? undefined : errorType(error);
  } catch {
    // A getter of the caller's threw: the line has no type, and is written or counted like any other.
    return undefined;
  }
}
