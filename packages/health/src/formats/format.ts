import type { HealthEntry } from "../watch/probe-state.ts";
import type { Standstills } from "../watch/snapshot.ts";

/** What a format shows. */
export interface StatusView {
  readonly service: string;
  /** The group asked for; undefined: all. */
  readonly group: string | undefined;
  /** The HTTP code of the answer. */
  readonly code: 200 | 503;
  readonly entries: readonly HealthEntry[];
  /** The times in which the process itself stood still; undefined: none. */
  readonly standstills: Standstills | undefined;
  /** Whether the reader may see details. */
  readonly detailed: boolean;
}

/** One way to write a status. */
export interface Format {
  /** What an Accept header calls it; with the name of a parameter, `type/subtype;name`, where it is told by that. */
  readonly mediaType: string;
  readonly contentType: string;
  /** Headers it needs beside the common ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** True when the answer is 200 whatever the status, as its readers take a 503 for a failed read. */
  readonly always200?: boolean;
  render(view: StatusView): string;
}

/** Milliseconds since 1970 as an ISO time. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** A duration in milliseconds with one decimal. */
export const roundMs = (ms: number): number => Math.round(ms * 10) / 10;

/** Says, for people, that the process itself stood still. */
export function standstillText({ count, last }: Standstills): string {
  const times = count === 1 ? "once" : `${count} times`;
  const what = last.cause === "asleep" ? "its machine slept" : "it was blocked or stopped";
  return `this process stood still ${times}; last, ${what} for ${last.durationMs} ms until ${isoTime(last.endedAt)}`;
}
