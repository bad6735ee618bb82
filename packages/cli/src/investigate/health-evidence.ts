import { health, isFailing, type ServiceHealth } from "../health/health.ts";
import type { Survey } from "../sources/live/survey.ts";
import type { Culprit } from "./culprits.ts";

const MAX_ASKED = 3;
const MAX_SAID = 3;

/**
 * What health checks say of a culprit, in words: its own, or, of a callee without Whodunit, those of its callers.
 * That they pass is worth knowing, too: it is why nobody was woken.
 */
export async function healthEvidence({ services }: Survey, culprit: Culprit): Promise<string[]> {
  const witnesses = culprit.known ? [culprit.service] : culprit.callers.map(({ name }) => name);
  const addresses = witnesses.flatMap((name) => {
    const instances = services.find((service) => service.name === name)?.instances ?? [];
    return instances.slice(0, 1).map(({ address }) => address);
  });
  // All addresses of a host are asked, so "http://web at 10.0.0.7" stands for each; what they all say is said once.
  const urls = addresses.map((address) => address.split(" ")[0]!).slice(0, MAX_ASKED);
  return [...new Set((await health(urls)).services.map(testimony))].slice(0, MAX_SAID);
}

function testimony({ service, checks }: ServiceHealth): string {
  const failing = checks.filter((check) => check.failing && check.kind === "own");
  const said = failing
    .map(({ name, state }) => `${name} is ${isFailing(state) ? state : "failing"}`)
    .join(", ");
  return `${service} says ${said === "" ? "that all is well" : said}`;
}
