import { parseArgs } from "node:util";
import { medianInterval, ROUNDS_MIN, SLOWER, verdict } from "./compare/interval.ts";
import { type Compare, SUBJECTS } from "./compare/subjects.ts";
import { otherTree } from "./compare/tree.ts";

/**
 * `npm run bench:compare -- <git ref or folder> [name…] [--rounds=31]`: this tree against another one. Ends with 1
 * where something is slower.
 */
const ROUNDS_MAX = 999;
const USAGE = `usage: npm run bench:compare -- <git ref or folder> [name…] [--rounds=31]
names, or how they begin: ${Object.keys(SUBJECTS).join(", ")}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "31" } },
});
const [refOrFolder, ...wanted] = positionals;
const rounds = Number(values.rounds);
if (refOrFolder === undefined) throw new Error(USAGE);
if (!Number.isInteger(rounds) || rounds < ROUNDS_MIN || rounds > ROUNDS_MAX)
  throw new Error(`--rounds is "${values.rounds}", want a whole number from ${ROUNDS_MIN} to ${ROUNDS_MAX}`);
for (const name of wanted) {
  if (!Object.keys(SUBJECTS).some((each) => each.startsWith(name)))
    throw new Error(`Nothing is named "${name}"\n${USAGE}`);
}

const names = Object.keys(SUBJECTS).filter(
  (name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
);
const other = otherTree(refOrFolder);
console.log(`CPU time of this tree over that of ${refOrFolder}: the median of ${rounds} paired rounds, its 95 % interval
by order statistics, and "slower" where the whole interval lies above ${SLOWER}, "faster" where it lies below 1/${SLOWER}.
`);
for (const name of names) {
  const interval = medianInterval(await (SUBJECTS[name] as Compare)(other, rounds));
  const { median, low, high } = interval;
  const said = verdict(interval);
  console.log(
    `${name.padEnd(22)} ${median.toFixed(3)}  [${low.toFixed(3)}, ${high.toFixed(3)}]  ${said}`.trimEnd(),
  );
  if (said === "slower") process.exitCode = 1;
}
