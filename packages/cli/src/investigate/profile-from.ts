import { type Profile, profile } from "../profile/profile.ts";
import { baseUrl } from "../sources/live/ask.ts";
import { followPattern } from "../sources/live/follow-pattern.ts";
import type { SurveyOptions } from "../sources/live/survey.ts";
import type { Culprit } from "./culprits.ts";

/** A CPU profile of the process that a culprit's loop stands still in. */
export interface CulpritProfile extends Profile {
  /** The address of the instance. */
  readonly instance: string;
}

/** What came of asking for a profile: it, or in words why there is none. */
export type ProfileOutcome = CulpritProfile | string | null;

const OF_LOOP: ReadonlySet<string> = new Set(["event-loop", "garbage-collection"]);

/** Takes a CPU profile from a culprit whose event loop is the cause; null where it is not. */
export async function profileFrom(
  urls: readonly string[],
  culprit: Culprit,
  { token, follow = [] }: SurveyOptions,
): Promise<ProfileOutcome> {
  const instance = culprit.why.find(({ kind }) => OF_LOOP.has(kind))?.instance;
  if (instance === undefined) return null;
  const [url, address] = instance.split(" at ") as [string, string | undefined];
  const { hostname, host } = baseUrl(url);
  // As with its traffic: found services get no token unless they are said to be ours.
  const isOurs =
    urls.some((given) => baseUrl(given).host === host) ||
    follow.some((one) => followPattern(one)(new URL(url)));
  try {
    const taken = await profile(url, { token: isOurs ? token : undefined, address });
    return { ...taken, instance };
  } catch (error) {
    return `no CPU profile of ${hostname === "" ? url : culprit.service}: ${(error as Error).message}`;
  }
}
