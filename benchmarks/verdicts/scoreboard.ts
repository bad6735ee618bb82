import { randomInt } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { examine } from "../../packages/cli/src/investigate/examine.ts";
import { casesOf, judge } from "../../packages/cli/test/simulator/case.ts";
import { UNSEEN_CIRCLE_FAULTS } from "../../packages/cli/test/simulator/circle-faults.ts";
import { FAULTS } from "../../packages/cli/test/simulator/faults.ts";
import { UNSEEN_INJECTED_FAULTS } from "../../packages/cli/test/simulator/injected-faults.ts";
import type { FaultKind } from "../../packages/cli/test/simulator/scene.ts";
import { askCase, surveyOf } from "../../packages/cli/test/simulator/survey-of.ts";
import { UNSEEN_FAULTS } from "../../packages/cli/test/simulator/unseen-faults.ts";
import { createRandom, HEX } from "../../test/helpers/random.ts";
import { PETSHOP_SERVICES, type PetshopCase, petshopDocuments, readPetshop } from "./petshop.ts";
import { renderTables, type Score, type Table } from "./tables.ts";

/**
 * How often `investigate` names the right one: on the simulator's faults and on PetShop's. `npm run verdicts` prints
 * the tables and writes them to RESULTS.md beside this file.
 *
 * --seed <number>   repeats a run; without it nobody has seen the topologies
 * --cases <number>  how many topologies of each kind in each of the five worlds; 4
 * --only <kinds>    "seen", "unseen" or "petshop", or a part of a kind's name; writes no file
 * --stories         prints what was said where it was wrong
 * PETSHOP=<folder>  where the data set is; without it its part is left out, with a word
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    cases: { type: "string", default: "4" },
    only: { type: "string" },
    stories: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const cases = Number(values.cases);
const LOOKED_AT = `Five of them came from the other half, once their scores had been seen: an external API has slow moments, all ways
of one service slow, a pool of one, a breaker opens, and hedged calls. Services tell how many of their calls wait for a socket, as
Node's HTTP client shows it. Of a caller that was always impatient and falls back, nothing that is counted tells; of one or two failures
in ten minutes it is said that they are too few.`;
const NOT_LOOKED_AT = `Sixteen kinds are of the first run; the others were written before the rules were changed, the last thirteen of
them after what public sets of faults inject. Meanwhile only their sums were looked at. Those with
circles were written with the first ones that were looked at.`;
const PETSHOP_NOTE = `Names are shuffled each run. All issues have one culprit: read them as four cases, errors and latency at two loads.
Of an issue ten to fifteen minutes before the fault are known: what the services remember from before the last ten. Of the
quiet windows the hour before is known.`;
const { only } = values;

const stories: string[] = [];
const tables: Table[] = [];
if (only !== "unseen" && only !== "petshop") {
  tables.push(simulated("Simulator, the kinds that the rules were tuned on", LOOKED_AT, pick(FAULTS)));
}
if (only !== "seen" && only !== "petshop") {
  tables.push(
    simulated(
      "Simulator, the kinds that were not looked at meanwhile",
      NOT_LOOKED_AT,
      pick({ ...UNSEEN_FAULTS, ...UNSEEN_INJECTED_FAULTS, ...UNSEEN_CIRCLE_FAULTS }),
    ),
  );
}
if (only === undefined || only === "petshop") tables.push(petshop());
const text = renderTables(
  tables.filter(({ rows }) => rows.length > 0),
  seed,
);
process.stdout.write(text);
if (values.stories) process.stdout.write(`\n${stories.join("\n")}\n`);
if (only === undefined) writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), text);

function pick(kinds: Readonly<Record<string, FaultKind>>): Readonly<Record<string, FaultKind>> {
  if (only === undefined || only === "seen" || only === "unseen") return kinds;
  return Object.fromEntries(Object.entries(kinds).filter(([name]) => name.includes(only)));
}

function simulated(title: string, note: string, kinds: Readonly<Record<string, FaultKind>>): Table {
  const rows = new Map<string, Score[]>();
  for (const one of casesOf(kinds, seed, cases)) {
    const { survey, places } = askCase(one);
    const { first, innocent, story } = judge(examine(survey, 60), one, places);
    rows.set(one.name, [
      ...(rows.get(one.name) ?? []),
      { first, innocent, quiet: one.strike.culprits.length === 0 },
    ]);
    if (story !== null) stories.push(`${one.name}, ${one.world} (seed ${one.seed}): ${story}`);
  }
  return { title, note, rows: [...rows].map(([name, scores]) => ({ name, scores })) };
}

function petshop(): Table {
  const folder = process.env.PETSHOP;
  const title = "PetShop";
  if (folder === undefined || !existsSync(folder)) {
    return { title, note: "Left out: PETSHOP names no folder with the data set.", rows: [] };
  }
  const random = createRandom(seed);
  const rows = new Map<string, Score[]>();
  for (const one of readPetshop(folder)) {
    const load = one.name.split("_")[0]!;
    const name =
      one.kind === "quiet" ? "quiet windows" : `${one.kind}, ${load} load, after ${one.minutes} min`;
    const score = examinePetshop(one, random);
    rows.set(name, [...(rows.get(name) ?? []), score]);
  }
  const sorted = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { title, note: PETSHOP_NOTE, rows: sorted.map(([name, scores]) => ({ name, scores })) };
}

function examinePetshop(one: PetshopCase, random: ReturnType<typeof createRandom>): Score {
  const { name, culprit } = one;
  // Neither the order nor the names may help.
  const names = new Map(PETSHOP_SERVICES.map((service) => [service, `s${random.chars(6, HEX)}`]));
  const places = new Map(PETSHOP_SERVICES.map((service, i) => [service, `10.0.0.${i + 1}:80`]));
  const documents = petshopDocuments(one, { names, places }, random);
  const order = PETSHOP_SERVICES.toSorted(() => random.next() - 0.5);
  const answers = order.map((service) => ({ at: places.get(service)!, document: documents.get(service) }));
  const { culprits } = examine(surveyOf(answers), 60);
  const wanted = culprit === null ? undefined : names.get(culprit);
  const first = culprits.length === 0 ? "none" : culprits[0]!.service === wanted ? "right" : "wrong";
  const innocent = culprits.some(({ service }) => service !== wanted);
  if (innocent || (culprit !== null && first !== "right")) {
    const shown = new Map([...names].map(([service, shuffled]) => [shuffled, service]));
    const said = culprits.map(
      ({ service, fault, error }) => `${shown.get(service) ?? service} ${fault} ${error}`,
    );
    stories.push(`${name}: said ${JSON.stringify(said)}, want ${culprit}`);
  }
  return { first, innocent, quiet: culprit === null };
}
