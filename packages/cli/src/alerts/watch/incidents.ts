import { createHash } from "node:crypto";
import { culpritFor, type Found, foundMessage, type Message, overMessage } from "./message.ts";
import type { Alert, Notification } from "./notification.ts";

/** One incident: a group of alerts from its first one until it was quiet for long enough. */
export interface Incident {
  readonly id: string;
  readonly group: string;
  /** ISO 8601, as all times here. */
  readonly openedAt: string;
  alerts: readonly Alert[];
  firing: boolean;
  /** When it last changed between firing and not. */
  changedAt: string;
  heardAt: string;
  /** When who is at fault was last looked at; null where it never was. */
  lookedAt: string | null;
  /** Who was told of, in that order, each once: it would be told again and again of two that take turns. */
  readonly told: string[];
}

/** How long is long. */
export interface Patience {
  /** So long no alert of it fires until an incident is over. */
  readonly quietMs: number;
  /** So long after a look who is at fault is looked at again, while it fires. */
  readonly againMs: number;
}

/** What happened to a notification: `full` is to be sent again later. */
export type Heard = "opened" | "known" | "unknown" | "full";

const MAX_INCIDENTS = 1_000;
// Alertmanager repeats itself every 4 h by default. What it says nothing of for a week it knows nothing of any more.
const FORGOTTEN_MS = 604_800_000;
const MAX_TOLD = 20;

/** All incidents that are not over: what was heard and told of each. */
export class Incidents {
  readonly #byGroup: Map<string, Incident>;
  readonly #patience: Patience;

  constructor(known: readonly Incident[], patience: Patience) {
    this.#byGroup = new Map(known.map((one) => [one.group, one]));
    this.#patience = patience;
  }

  get all(): readonly Incident[] {
    return [...this.#byGroup.values()];
  }

  /** Takes in what Alertmanager says of a group. */
  hear({ group, firing, alerts }: Notification, now: Date): Heard {
    const at = now.toISOString();
    const known = this.#byGroup.get(group);
    if (known === undefined) {
      // What is over is known to be.
      if (!firing) return "unknown";
      if (this.#byGroup.size >= MAX_INCIDENTS) return "full";
      const id = createHash("sha256").update(`${group}\n${at}`).digest("hex").slice(0, 16);
      const incident = { id, group, openedAt: at, alerts, firing, changedAt: at, heardAt: at };
      this.#byGroup.set(group, { ...incident, lookedAt: null, told: [] });
      return "opened";
    }
    if (known.firing !== firing) known.changedAt = at;
    if (firing) known.alerts = alerts;
    known.firing = firing;
    known.heardAt = at;
    return "known";
  }

  /** Incidents for which somebody should look who is at fault. */
  toLookAt(now: Date): Incident[] {
    return this.all.filter((one) => this.#lookMs(one) <= now.getTime());
  }

  /** Takes in what was found, and gives the messages that it is worth. */
  found(incidents: readonly Incident[], found: Found, traceUrl: string | null, now: Date): Message[] {
    return incidents.flatMap((one) => {
      one.lookedAt = now.toISOString();
      const culprit = culpritFor(one.alerts, found)?.service ?? "";
      const isFirst = one.told.length === 0;
      if (!isFirst && (culprit === "" || one.told.includes(culprit) || one.told.length >= MAX_TOLD))
        return [];
      one.told.push(culprit);
      return [foundMessage(one, isFirst ? "opened" : "culprit-changed", found, traceUrl, now)];
    });
  }

  /** Forgets those that are over, and gives a message for each. */
  over(now: Date): Message[] {
    return this.all.flatMap((one) => {
      if (this.#overMs(one) > now.getTime()) return [];
      this.#byGroup.delete(one.group);
      return [overMessage(one, one.told.findLast((name) => name !== "") ?? null, now)];
    });
  }

  /** When something is to be done next, in milliseconds since 1970; infinite where nothing is. */
  get nextMs(): number {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...this.all.flatMap((one) => [this.#lookMs(one), this.#overMs(one)]),
    );
  }

  #lookMs({ lookedAt, firing }: Incident): number {
    if (lookedAt === null) return 0;
    return firing ? Date.parse(lookedAt) + this.#patience.againMs : Number.POSITIVE_INFINITY;
  }

  #overMs({ lookedAt, firing, changedAt, heardAt }: Incident): number {
    // First it is told that it began.
    if (lookedAt === null) return Number.POSITIVE_INFINITY;
    return firing ? Date.parse(heardAt) + FORGOTTEN_MS : Date.parse(changedAt) + this.#patience.quietMs;
  }
}
