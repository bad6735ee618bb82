import type { WindowS } from "../sources/live/traffic-document.ts";
import type { StoreOptions } from "../sources/source.ts";
import type { ViewOptions } from "../sources/view/survey-view.ts";

/** What the server was started with: whom it may ask and what it may read. No tool's input changes it. */
export interface Given {
  /** The services to ask. */
  readonly urls: readonly string[];
  /** Patterns of found hosts that may be asked, too. */
  readonly follow: readonly string[];
  /** A running `whodunit view`; it is asked about traffic, too, where there are neither services nor a store. */
  readonly view: string;
  /** Log files. */
  readonly logs: readonly string[];
  readonly token: string | undefined;
  /** What has gathered what services tell, asked in their place. */
  readonly store: StoreOptions | undefined;
}

/** Whom a question about traffic is put to: services, or what has gathered what they tell. */
export interface Counting {
  readonly urls: readonly string[];
  readonly store: StoreOptions | undefined;
  readonly receiver: ViewOptions | undefined;
}

const WINDOWS: Readonly<Record<"10s" | "1m" | "10m", WindowS>> = { "10s": 10, "1m": 60, "10m": 600 };

/** The seconds of a window by its name. */
export const secondsOf = (window: keyof typeof WINDOWS): WindowS => WINDOWS[window];

/**
 * Whom to ask about traffic, of the moment `at` (ISO 8601; now unless given): the view, where neither services nor a store
 * were given.
 *
 * @throws Error that says what is wanted where nobody can answer
 */
export function countingOf({ urls, store, view }: Given, at: string | undefined): Counting {
  const moment = at === undefined ? undefined : new Date(at);
  if (moment !== undefined && moment.getTime() > Date.now()) throw new Error(`${at} is still to come`);
  if (store !== undefined) return { urls, store: { ...store, at: moment }, receiver: undefined };
  if (urls.length === 0) return { urls, store, receiver: { url: view, at: moment } };
  if (moment !== undefined)
    throw new Error(
      "services tell of now alone; a server started with whodunit mcp --prometheus <url> tells of any moment",
    );
  return { urls, store, receiver: undefined };
}
