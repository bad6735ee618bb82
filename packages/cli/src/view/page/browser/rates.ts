import type { Rates } from "./answers.ts";
import { ms, percent, rate } from "./format.ts";

/** Rates for a place on the map; failing ones bear a mark beside their colour. */
export const shortRates = ({ state, perSecond, success }: Rates): string =>
  state === "idle" ? "-" : `${rate(perSecond)} ${state === "ok" ? "" : "✗ "}${percent(success)}`;

/** The latency for a place on the map; empty without requests. */
export const shortLatency = ({ state, p95Ms }: Rates): string => (state === "idle" ? "" : `p95 ${ms(p95Ms)}`);

/**
 * Both, for the name of a link that shows them: word for word what stands there, so that who speaks to the machine can
 * say it (WCAG 2.2, 2.5.3).
 */
export const spokenRates = (rates: Rates): string =>
  rates.state === "idle" ? "-" : `${shortRates(rates)} ${shortLatency(rates)}`;
