import type { Survey } from "../sources/live/survey.ts";
import type { Evidence } from "./evidence.ts";
import type { Suspect } from "./suspect.ts";

/** A value by which failed requests were described, and the others were not. */
export interface Which {
  readonly name: string;
  readonly value: string;
  /** Failed requests that had it, of all that were looked at. */
  readonly failing: number;
  readonly ofFailing: number;
  /** The same of the others. */
  readonly good: number;
  readonly ofGood: number;
  /** Whether all of the window's failures were looked at; a service keeps the latest 128. */
  readonly isWhole: boolean;
}

const MAX_TOLD = 2;
// What fewer of the failed requests have explains little.
const MIN_SHARE = 0.5;

/** What tells the requests that a culprit fails from those that it does not, the most telling first. */
export function whichRequests({ services }: Survey, windowS: number, culprit: Suspect): Which[] {
  if (culprit.failures === 0) return [];
  const routes = new Set(culprit.routes.map(({ name }) => name));
  const told = (services.find(({ name }) => name === culprit.service)?.instances ?? []).flatMap(
    ({ document }) => document.attributes.filter((one) => one.windowS === windowS && routes.has(one.route)),
  );
  const ofFailing = sum(told, ({ failing }) => failing);
  const ofGood = sum(told, ({ good }) => good);
  const pairs = told.flatMap(({ values }) => values);
  return [...Map.groupBy(pairs, ({ name, value }) => JSON.stringify([name, value])).values()]
    .map((all): Which => {
      const { name, value } = all[0]!;
      const failing = sum(all, (one) => one.failing);
      const good = sum(all, (one) => one.good);
      return { name, value, failing, ofFailing, good, ofGood, isWhole: ofFailing >= culprit.failures };
    })
    .filter(({ failing }) => failing >= ofFailing * MIN_SHARE)
    .sort((a, b) => difference(b) - difference(a))
    .slice(0, MAX_TOLD);
}

/** `all 33 are tenant=acme; 0 of 67 others`. */
export function whichText({ name, value, failing, ofFailing, good, ofGood, isWhole }: Which): string {
  const part = failing === ofFailing ? `all ${failing}` : `${failing} of ${ofFailing}`;
  return `${part}${isWhole ? "" : " looked at"} are ${name}=${value}; ${good} of ${ofGood} others`;
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const difference = ({ failing, ofFailing, good, ofGood }: Which): number =>
  failing / Math.max(1, ofFailing) - good / Math.max(1, ofGood);

/** What those sentences stand on. */
export function whichEvidence(
  { service, routes }: Suspect,
  which: readonly Which[],
  windowS: number,
): Evidence[] {
  return which.map((one): Evidence => {
    const names = routes.map(({ name }) => name);
    return { claim: whichText(one), source: { kind: "attributes", service, routes: names, windowS } };
  });
}
