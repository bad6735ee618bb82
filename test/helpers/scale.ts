import { createRandom } from "./random.ts";

/**
 * How much the tests do of what can be done any number of times. `npm test` is the quick run; `npm run test:full` does
 * all (`FC_RUNS=all REQUESTS=all`), as CI does once.
 */
const QUICK_PART = 0.1;
const QUICK_RUNS = 300;
const QUICK_REQUESTS = 5_000;

const runsMax = scale("FC_RUNS");
const requestsMax = scale("REQUESTS");

/** How often a property is tried: `full` times; in the quick run a tenth of them, at most 300; else at most `FC_RUNS`. */
export const runs = (full: number): number =>
  Math.min(full, runsMax ?? Math.min(Math.ceil(QUICK_PART * full), QUICK_RUNS));

/** How many requests, lines or spans a test of many sends: `full`, at most `REQUESTS` (5,000) in the quick run. */
export const requests = (full: number): number => Math.min(full, requestsMax ?? QUICK_REQUESTS);

/** Whether all is done. */
export const isFull: boolean = runsMax === Number.POSITIVE_INFINITY;

// Drawn anew in each run, so that in time the quick ones try all, too.
const DRAW = Number(process.env.DRAW ?? Math.floor(Math.random() * 2 ** 32));

/**
 * Which of many cases are left out: none in the full run; in the quick one all but `quick` of them, drawn by `DRAW`.
 *
 * @returns of a case what `skip` of its test is to be: why it is left out, or false
 */
export function leftOut<T>(cases: readonly T[], quick: number): (one: T) => string | false {
  if (isFull) return () => false;
  const random = createRandom(DRAW);
  const left = [...cases];
  for (let drawn = 0; drawn < Math.min(quick, cases.length); drawn++)
    left.splice(random.integer(0, left.length - 1), 1);
  return (one) => left.includes(one) && `DRAW=${DRAW} drew others, ${quick} of ${cases.length}`;
}

function scale(name: string): number | undefined {
  const value = process.env[name];
  if (value === undefined || value === "") return undefined;
  if (value === "all") return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new TypeError(`${name} is "${value}", want a whole number from 1, or "all"`);
}
