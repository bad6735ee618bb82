import { type Answer, askJson, baseUrl, hintFor } from "../sources/live/ask.ts";
import { readWorker, type Worker } from "../sources/live/workers.ts";
import { type Hottest, hottestIn } from "./hottest.ts";

/** How to take a profile. */
export interface ProfileOptions {
  /** @default 3 */
  readonly seconds?: number;
  readonly token?: string | undefined;
  /** One of the addresses of the host, where it has several. */
  readonly address?: string | undefined;
}

/** A CPU profile of a service. */
export interface Profile extends Hottest {
  /** The text of a `.cpuprofile`, for the usual viewers. */
  readonly text: string;
  /** Which worker of a cluster it is of, which says nothing of the others; null where there is none. */
  readonly worker: Worker | null;
}

const DEFAULT_SECONDS = 3;
// A loop that stands still answers late.
const PATIENCE_MS = 20_000;
const SWITCHED_OFF = "takes no profiles: WHODUNIT_PROFILE=on at the service, or the option profile, lets it";

/**
 * Has a service take a CPU profile of itself.
 *
 * @throws Error saying why there is none
 */
export async function profile(url: string, options: ProfileOptions = {}): Promise<Profile> {
  const { seconds = DEFAULT_SECONDS, token, address } = options;
  const at = new URL(`debug/profile?seconds=${seconds}`, baseUrl(url));
  const answer = await askJson(at, { token, address, timeoutMs: seconds * 1_000 + PATIENCE_MS });
  const hottest = answer.ok && answer.status === 200 ? hottestIn(answer.body) : null;
  if (hottest === null) throw new Error(`${url} ${whyNot(answer, token)}`);
  const body = answer.ok ? answer.body : null;
  return { ...hottest, text: JSON.stringify(body), worker: readWorker(body) ?? null };
}

function whyNot(answer: Answer, token: string | undefined): string {
  // Whatever stands at that path, where there is no profile to be had.
  if (answer.status === 404 || answer.status === 200) return SWITCHED_OFF;
  if (!answer.ok) return answer.error;
  const { error } = (answer.body ?? {}) as { error?: unknown };
  const said = typeof error === "string" ? `: ${error}` : "";
  return `answered ${answer.status}${said}${hintFor(answer.status, { token })}`;
}
