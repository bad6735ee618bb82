import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median, type Row } from "../lib/results.ts";

const DIST = fileURLToPath(new URL("../../packages/tracing/dist/index.js", import.meta.url));
const TIMES_A_ROUND = 5;

/** Modules of which each child runs one; a child starts tracing, or has only imported, when the last line is reached. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "NodeSDK, started": `
    const { NodeSDK } = await import("@opentelemetry/sdk-node");
    new NodeSDK({ serviceName: "bench" }).start();`,
  startTracing: `
    const { startTracing } = await import("@whodunit/tracing");
    await startTracing({ service: "bench" });`,
  "@opentelemetry/api, imported": `await import("@opentelemetry/api");`,
  "the helpers, imported": `await import("@whodunit/tracing");`,
};

export const title = "what it costs to import and to start";
export const note =
  "The packages as they are published, so `npm run build` comes first. Each program runs in a process of its own, interleaved, and tells how old the process is when its last line is reached: once by the clock, once by the CPU. The value is what that is above a program without a line; the ratio is of CPU, to NodeSDK.";

interface Age {
  readonly clockMs: number;
  readonly cpuMs: number;
}

export async function measure(rounds: number): Promise<Row[]> {
  if (!existsSync(DIST)) throw new Error(`${DIST} is not there, want \`npm run build\` first`);
  const names = Object.keys(PROGRAMS);
  const added = new Map<string, Age[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const ages = new Map<string, Age[]>([["", []], ...names.map((name) => [name, []] as [string, Age[]])]);
    for (let time = 0; time < TIMES_A_ROUND; time++) {
      for (const [name, own] of time % 2 === 0 ? ages : [...ages].toReversed())
        own.push(ageAfter(PROGRAMS[name] ?? ""));
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
    {
      encoding: "utf8",
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, NODE_ENV: "production" },
    },
  );
  if (status !== 0) throw new Error(`a program ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Age;
}

const middle = (ages: readonly Age[]): Age => ({
  clockMs: median(ages.map(({ clockMs }) => clockMs)),
  cpuMs: median(ages.map(({ cpuMs }) => cpuMs)),
});
