import type { Survey } from "../sources/live/survey.ts";
import type { Culprit } from "./culprits.ts";
import type { Evidence } from "./evidence.ts";
import { type Cause, causesIn } from "./why.ts";

// Failing is explained by what keeps a process from answering, not by how busy failing makes it.
const EXPLAINED: ReadonlySet<Culprit["fault"]> = new Set([
  "slow",
  "slow-way",
  "held-up",
  "timeouts",
  "impatient",
]);
// What the process itself suffers from: its callers wait before it sees their requests.
const OF_PROCESS: ReadonlySet<Cause["kind"]> = new Set([
  "memory",
  "garbage-collection",
  "cpu-limit",
  "event-loop",
  "cpu",
]);
const MAX_TOLD = 2;

/**
 * Says why culprits are slow, by what their processes tell of themselves. A way that is slow because the process at its
 * end stands still is that service's slowness.
 */
export function explain(asked: Survey, windowS: number, culprit: Culprit): Culprit {
  if (!EXPLAINED.has(culprit.fault)) return culprit;
  const why = causesOf(asked, windowS, culprit);
  if (culprit.fault !== "slow-way") return { ...culprit, why };
  return { ...culprit, fault: why.some(({ kind }) => OF_PROCESS.has(kind)) ? "slow" : "slow-way", why };
}

function causesOf({ services }: Survey, windowS: number, { service, instances, fault }: Culprit): Cause[] {
  const all = services.find(({ name }) => name === service)?.instances ?? [];
  const bad = all.filter(({ address }) => instances.some(({ name }) => name.startsWith(address)));
  const causes = (bad.length > 0 ? bad : all).flatMap((one) => causesIn(one, windowS, fault === "held-up"));
  return causes
    .filter(({ kind }, i) => causes.findIndex((one) => one.kind === kind) === i)
    .slice(0, MAX_TOLD);
}

/** What the causes stand on. */
export function whyEvidence({ service, why }: Culprit, windowS: number): Evidence[] {
  return why.map(({ told, instance }): Evidence => {
    return { claim: told, source: { kind: "resources", service, instance, windowS } };
  });
}
