import type { Workers } from "@whodunit/core";
import type { SpanAccounts } from "../export/accounts.ts";
import type { ResourceWindow } from "../resources/resources.ts";
import type { TrafficAttributes } from "./described.ts";
import type { TrafficPast, TrafficSeries } from "./series.ts";

/** Something that was changed in a process. */
export interface TrafficChange {
  /** ISO 8601. */
  readonly at: string;
  /** `start`: the process itself; `level`: of log lines; `report`: told by `reportChange`. */
  readonly kind: "start" | "level" | "report";
  /** In words: `version 1.8.3`, `voting-ballot debug for 10 min`, `flag checkout-v2 on`. */
  readonly what: string;
}

/** All series of one process at one moment; what `GET /debug/traffic` answers. */
export interface TrafficSnapshot {
  readonly service: string;
  /** Tells instances of a service apart; new with each start. */
  readonly instance: string;
  /** Which worker of `node:cluster` this process is, of how many: the others count apart. Left out where it is none. */
  readonly workers?: Workers;
  readonly version: string | null;
  /** When counting began, ISO 8601. */
  readonly startedAt: string;
  readonly now: string;
  readonly series: readonly TrafficSeries[];
  /** What was changed in this process, the latest last; its start is the first. */
  readonly changes: readonly TrafficChange[];
  /** What each series was like before the longest window, over an hour and over a day. */
  readonly baseline: readonly TrafficPast[];
  /** What failed requests were described by that others were not. */
  readonly attributes: readonly TrafficAttributes[];
  /** What the process had and needed, by window; empty in its first second. */
  readonly resources: readonly ResourceWindow[];
  /** What became of this process's spans since its start. Left out where another's provider has them. */
  readonly spans?: SpanAccounts;
}
