import { addUp, type Counts } from "../sources/live/counts.ts";
import type { Series, TrafficDocument } from "../sources/live/traffic-document.ts";
import { answers, extraTimeMs, timeSpentMs } from "./slower.ts";

// Far less than accuses anybody: a trail that leads nowhere costs some questions, one not followed the culprit.
const MIN_FAILURES = 2;
const MIN_SHARE = 0.005;
const MIN_TIMES = 1.25;
const MIN_EXTRA_MS = 10;

const SHORT_S = 60;
const LONG_S = 600;

/** The peers to which requests of this instance fail, are refused or given up, or take longer than they did. */
export function leadsOf({ series, baseline }: TrafficDocument): Set<string> {
  const calls = Map.groupBy(
    series.filter(({ side }) => side === "client"),
    ({ peer }) => peer,
  );
  const past = Map.groupBy(baseline, ({ side, peer }) => `${side} ${peer}`);
  const leads = [...calls].filter(([peer, all]) => isLead(all, past.get(`client ${peer}`) ?? []));
  return new Set(leads.map(([peer]) => peer));
}

function isLead(calls: readonly Series[], remembered: readonly Series[]): boolean {
  const long = addUp(calls.filter(({ windowS }) => windowS === LONG_S));
  const short = addUp(calls.filter(({ windowS }) => windowS === SHORT_S));
  if (isBad(short) || isBad(long)) return true;
  const was = addUp(
    remembered.filter(({ windowS }) => windowS === Math.max(...remembered.map((one) => one.windowS))),
  );
  const earlier = answers(was) > 0 ? was : without(long, short);
  return isLonger(short, earlier) || (answers(was) > 0 && isLonger(long, was));
}

function isBad({ count, failures, aborted, classes }: Counts): boolean {
  const bad = failures + aborted + (classes["4xx"] ?? 0);
  return bad >= MIN_FAILURES && bad >= (count + aborted) * MIN_SHARE;
}

function isLonger(now: Counts, was: Counts): boolean {
  if (answers(now) === 0 || answers(was) === 0) return false;
  const extraMs = extraTimeMs(now, was) / answers(now);
  return extraMs >= MIN_EXTRA_MS && extraMs >= (MIN_TIMES - 1) * (timeSpentMs(was) / answers(was));
}

function without(whole: Counts, part: Counts): Counts {
  const taken = new Map(part.latency.bins);
  const bins = whole.latency.bins.map(
    ([bin, count]) => [bin, Math.max(0, count - (taken.get(bin) ?? 0))] as const,
  );
  return { ...whole, latency: { ...whole.latency, bins } };
}
