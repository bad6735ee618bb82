import { randomInt } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { examine } from "../../packages/cli/src/investigate/examine.ts";
import { askable, casesOf, judge, placeInstances, runCase } from "../../packages/cli/test/simulator/case.ts";
import { FAULTS } from "../../packages/cli/test/simulator/faults.ts";
import type { FaultKind } from "../../packages/cli/test/simulator/scene.ts";
import { UNSEEN_FAULTS } from "../../packages/cli/test/simulator/unseen-faults.ts";
import { createRandom, HEX } from "../../test/helpers/random.ts";
import { type PetshopCase, readPetshop } from "./petshop.ts";
import { surveyOf } from "./survey-of.ts";
import { renderTables, type Score, type Table } from "./tables.ts";

/**
 * How often `investigate` names the right one: on the simulator's faults and on PetShop's. `npm run verdicts` prints
 * the tables and writes them to RESULTS.md beside this file.
 *
 * --seed <number>   repeats a run; without it nobody has seen the topologies
 * --only <kinds>    "seen", "unseen" or "petshop", or a part of a kind's name; writes no file
 * --stories         prints what was said where it was wrong
 * PETSHOP=<folder>  where the data set is; without it its part is left out, with a word
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string" },
    stories: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const { only } = values;

const stories: string[] = [];
const tables: Table[] = [];
if (only !== "unseen" && only !== "petshop") {
  tables.push(simulated("Simulator, the kinds that the rules were tuned on", pick(FAULTS)));
}
if (only !== "seen" && only !== "petshop") {
  tables.push(simulated("Simulator, the kinds that were not looked at meanwhile", pick(UNSEEN_FAULTS)));
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

function simulated(title: string, kinds: Readonly<Record<string, FaultKind>>): Table {
  const rows = new Map<string, Score[]>();
  for (const one of casesOf(kinds, seed)) {
    const asked = askable(one);
    let port = 0;
    const own = new Map<string, string>();
    const listening = (id: string): string => {
      const known = own.get(id) ?? `10.0.0.${++port}:80`;
      own.set(id, known);
      return known;
    };
    const places = placeInstances(one, listening);
    const documents = runCase(one, places);
    const answers = [...places].flatMap(([id, at]) => {
      const runs = one.services.some(({ instances }) =>
        instances.some((instance) => instance.id === id && (instance.endedAt ?? 0) >= 0),
      );
      if (!runs || (one.world === "balanced" && !asked.has(id) && !one.strike.down?.includes(id))) return [];
      return [{ at, document: asked.has(id) ? documents.get(id) : undefined }];
    });
    const { first, innocent, story } = judge(examine(surveyOf(answers), 60), one, places);
    rows.set(one.name, [
      ...(rows.get(one.name) ?? []),
      { first, innocent, quiet: one.strike.culprits.length === 0 },
    ]);
    if (story !== null) stories.push(`${one.name}, ${one.world} (seed ${one.seed}): ${story}`);
  }
  return { title, note: "", rows: [...rows].map(([name, scores]) => ({ name, scores })) };
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
  const note =
    "Names are shuffled each run. All issues have one culprit: read them as four cases, errors and latency at two loads.";
  return { title, note, rows: sorted.map(([name, scores]) => ({ name, scores })) };
}

function examinePetshop(
  { name, services, culprit }: PetshopCase,
  random: ReturnType<typeof createRandom>,
): Score {
  // Neither the order nor the names may help.
  const names = new Map([...services.keys()].map((service) => [service, `s${random.chars(6, HEX)}`]));
  const places = new Map([...services.keys()].map((service, i) => [service, `10.0.0.${i + 1}:80`]));
  const order = [...services].toSorted(() => random.next() - 0.5);
  const now = new Date().toISOString();
  const answers = order.map(([service, series]) => ({
    at: places.get(service)!,
    document: {
      ...{ service: names.get(service)!, instance: service, version: null, now },
      startedAt: new Date(Date.now() - 86_400_000).toISOString(),
      series: series.map((one) => ({
        ...one,
        peer: (one.side === "client" ? places : names).get(one.peer) ?? one.peer,
      })),
    },
  }));
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
