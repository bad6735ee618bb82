import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Micro, Sample } from "./micro.ts";
import { median, type Row } from "./results.ts";

const CHILD = fileURLToPath(new URL("./micro-child.ts", import.meta.url));
const MAX_OUTPUT = 1 << 20;

/** Runs every variant of a benchmark file in interleaved rounds; ratios are to the first variant, round by round. */
export function drive(file: string, micro: Micro, rounds: number): Row[] {
  const names = Object.keys(micro.variants);
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const together of micro.together === true ? [order] : order.map((name) => [name])) {
      const own = runChild(file, together);
      for (const [i, name] of together.entries()) samples.get(name)?.push(own[i] as Sample);
    }
    process.stderr.write(`${micro.title}: round ${round + 1} of ${rounds}\n`);
  }
  const [base = ""] = names;
  return names.map((name) => {
    const own = samples.get(name) ?? [];
    const ratios = own.map((sample, i) => sample.normal / (samples.get(base)?.[i]?.normal ?? Number.NaN));
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `${Math.round(median(own.map((sample) => sample.ns)))} ns`,
      note: own.every((sample) => Math.abs(sample.delivered - 1) < 1e-9)
        ? ""
        : `delivered ${median(own.map((sample) => sample.delivered)).toFixed(3)}`,
    };
  });
}

// stdout belongs to the measured code (a logger may write there), so the sample comes on stderr.
function runChild(file: string, names: readonly string[]): Sample[] {
  const done = spawnSync(
    process.execPath,
    ["--conditions=@whodunit/source", "--expose-gc", CHILD, file, ...names],
    {
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      maxBuffer: MAX_OUTPUT,
      env: { ...process.env, NODE_ENV: "production" },
    },
  );
  const last = done.stderr.trimEnd().split("\n").at(-1) ?? "";
  if (done.status !== 0 || !last.startsWith("["))
    throw new Error(`${names.join(", ")} failed:\n${done.stderr}`);
  return JSON.parse(last) as Sample[];
}
