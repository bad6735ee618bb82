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

interface Age {
  readonly clockMs: number;
  readonly cpuMs: number;
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
  const dist = `${PACKAGES}${built}/dist/index.js`;
  if (!existsSync(dist)) throw new Error(`${dist} is not there, want \`npm run build\` first`);
  const names = Object.keys(programs);
  const added = new Map<string, Age[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const ages = new Map<string, Age[]>([["", []], ...names.map((name) => [name, []] as [string, Age[]])]);
    for (let time = 0; time < TIMES_A_ROUND; time++) {
      for (const [name, own] of time % 2 === 0 ? ages : [...ages].toReversed())
        own.push(ageAfter(programs[name] ?? ""));
    }
    const bare = middle(ages.get("") ?? []);
    for (const name of names) {
      const { clockMs, cpuMs } = middle(ages.get(name) ?? []);
      added.get(name)?.push({ clockMs: clockMs - bare.clockMs, cpuMs: cpuMs - bare.cpuMs });
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
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

function ageAfter(program: string): Age {
  const end = `
    const { user, system } = process.cpuUsage();
    process.stdout.write(JSON.stringify({ clockMs: performance.now(), cpuMs: (user + system) / 1_000 }), () => process.exit());`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program + end],
    { encoding: "utf8", cwd: HERE, env: { ...process.env, NODE_ENV: "production" } },
  );
  if (status !== 0) throw new Error(`a program ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Age;
}

const middle = (ages: readonly Age[]): Age => ({
  clockMs: median(ages.map(({ clockMs }) => clockMs)),
  cpuMs: median(ages.map(({ cpuMs }) => cpuMs)),
});
