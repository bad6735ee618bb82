import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median, type Row } from "./results.ts";

/** For the results page: how {@link measureStart} measures. */
export const START_NOTE =
  "The packages as they are published, so `npm run build` comes first. Each program runs in a process of its own, interleaved, and tells how old the process is when its last line is reached: once by the clock, once by the CPU. The value is what that is above a program without a line; the ratio is of CPU, to the first.";

const TIMES_A_ROUND = 5;
const PACKAGES = fileURLToPath(new URL("../../packages/", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** How old a process is when its last line is reached, and what it holds then. */
export interface Age {
  readonly clockMs: number;
  readonly cpuMs: number;
  readonly residentMb: number;
}

/**
 * Runs each of these programs, and one without a line under the name "", in turn: the medians of each round.
 *
 * @param built the package whose `dist` they import
 */
export function agesAfter(
  built: string,
  programs: Readonly<Record<string, string>>,
  rounds: number,
): ReadonlyMap<string, readonly Age[]> {
  const dist = `${PACKAGES}${built}/dist/index.js`;
  if (!existsSync(dist)) throw new Error(`${dist} is not there, want \`npm run build\` first`);
  const all: Readonly<Record<string, string>> = { "": "", ...programs };
  const medians = new Map<string, Age[]>(Object.keys(all).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const ages = new Map<string, Age[]>(Object.keys(all).map((name) => [name, []]));
    for (let time = 0; time < TIMES_A_ROUND; time++) {
      for (const [name, own] of time % 2 === 0 ? ages : [...ages].toReversed())
        own.push(ageAfter(all[name] ?? ""));
    }
    for (const [name, own] of ages) medians.get(name)?.push(middle(own));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  return medians;
}

/**
 * What it costs a process to run each of these modules.
 *
 * @param built the package whose `dist` they import
 */
export function measureStart(
  built: string,
  programs: Readonly<Record<string, string>>,
  rounds: number,
): Row[] {
  const ages = agesAfter(built, programs, rounds);
  const names = Object.keys(programs);
  const added = new Map(names.map((name) => [name, overBase(ages, name, "")]));
  const [first = ""] = names;
  return names.map((name) => {
    const own = added.get(name) ?? [];
    const ratios = own.map(({ cpuMs }, i) => cpuMs / (added.get(first)?.[i]?.cpuMs ?? Number.NaN));
    const { clockMs, cpuMs } = middle(own);
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `+${clockMs.toFixed(1)} ms`,
      note: `+${cpuMs.toFixed(1)} ms CPU`,
    };
  });
}

/** What a program adds to another one, round by round. */
export function overBase(ages: ReadonlyMap<string, readonly Age[]>, name: string, base: string): Age[] {
  const under = ages.get(base) ?? [];
  return (ages.get(name) ?? []).map((age, round) => {
    const { clockMs, cpuMs, residentMb } = under[round] as Age;
    return {
      clockMs: age.clockMs - clockMs,
      cpuMs: age.cpuMs - cpuMs,
      residentMb: age.residentMb - residentMb,
    };
  });
}

function ageAfter(program: string): Age {
  const end = `
    const { user, system } = process.cpuUsage();
    const residentMb = process.memoryUsage.rss() / 1_048_576;
    process.stdout.write(JSON.stringify({ clockMs: performance.now(), cpuMs: (user + system) / 1_000, residentMb }), () => process.exit());`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program + end],
    { encoding: "utf8", cwd: HERE, env: { ...process.env, NODE_ENV: "production" } },
  );
  if (status !== 0) throw new Error(`a program ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Age;
}

/** The median of each of its numbers. */
export const middle = (ages: readonly Age[]): Age => ({
  clockMs: median(ages.map(({ clockMs }) => clockMs)),
  cpuMs: median(ages.map(({ cpuMs }) => cpuMs)),
  residentMb: median(ages.map(({ residentMb }) => residentMb)),
});
