import type { Rates } from "./answers.ts";
import { ms, percent, rate } from "./format.ts";

/** Rates for the ear. */
export const spokenRates = ({ state, perSecond, success, p95Ms }: Rates): string =>
  state === "idle"
    ? "no requests"
    : `${rate(perSecond).replace("/s", " requests per second")}, ${percent(success)} success, p95 ${ms(p95Ms)}`;

/** Rates for a place on the map; failing ones bear a mark beside their colour. */
export const shortRates = ({ state, perSecond, success }: Rates): string =>
  state === "idle" ? "-" : `${rate(perSecond)}  ${state === "ok" ? "" : "✗ "}${percent(success)}`;
