/**
 * How much the tests do of what can be done any number of times. `npm test` is the quick run; `npm run test:full` does
 * all (`FC_RUNS=all REQUESTS=all`), as CI does once.
 */
const QUICK_RUNS = 300;
const QUICK_REQUESTS = 10_000;

const runsMax = scale("FC_RUNS", QUICK_RUNS);
const requestsMax = scale("REQUESTS", QUICK_REQUESTS);

/** How often a property is tried: `full` times, at most `FC_RUNS` (300) in the quick run. */
export const runs = (full: number): number => Math.min(full, runsMax);

/** How many requests, lines or spans a test of many sends: `full`, at most `REQUESTS` (10,000) in the quick run. */
export const requests = (full: number): number => Math.min(full, requestsMax);

/** Whether all is done. */
export const isFull: boolean = runsMax === Number.POSITIVE_INFINITY;

function scale(name: string, quick: number): number {
  const value = process.env[name];
  if (value === undefined || value === "") return quick;
  if (value === "all") return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new TypeError(`${name} is "${value}", want a whole number from 1, or "all"`);
}
