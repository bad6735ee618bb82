import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, type Row } from "../lib/results.ts";

export const title = "counting the errors of a 1 GB log";
export const note =
  "5 % error lines, whole commands with their start. The value is the wall time and the largest resident set.";

const BYTES = 1_000_000_000;
// What users run, where it is built: from source Node strips the types first, at a tenth of a second and 25 MB.
const PACKAGE = fileURLToPath(new URL("../../packages/cli/", import.meta.url));
const BUILT = join(PACKAGE, "dist/main.js");
const MAIN = existsSync(BUILT) ? BUILT : join(PACKAGE, "src/main.ts");

interface Run {
  readonly seconds: number;
  readonly maxRssMb: number;
}

/** Runs both commands in turn over the same log. */
export async function measure(rounds: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-bench-"));
  try {
    const log = join(folder, "app.log");
    writeLog(log);
    const commands = {
      "jq | sort | uniq -c": `jq -r 'select(.level=="error").msg' ${log} | sort | uniq -c`,
      "whodunit summary": `${process.execPath} ${MAIN} summary ${log}`,
    };
    const runs = new Map<string, Run[]>(Object.keys(commands).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, command] of Object.entries(commands)) runs.get(name)!.push(run(command));
    }
    const first = [...runs.values()][0]!;
    return [...runs].map(([name, all]) => row(name, all, first));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeLog(path: string): void {
  const file = openSync(path, "w");
  const lines = Array.from({ length: 10_000 }, (_, i) => {
    const level = i % 20 === 0 ? "error" : "debug";
    const name = level === "error" ? `api-sync-fail-${i % 18}` : "api-http-response";
    const head = `{"level":"${level}","time":"2026-11-20T08:47:41.960Z","msg":"${name}","service":"api"`;
    return `${head},"RequestID":"17c854","duration":${i}.2,"text":"${"x".repeat(40 + (i % 160))}"}\n`;
  });
  const block = lines.join("");
  for (let written = 0; written < BYTES; written += block.length) writeSync(file, block);
  closeSync(file);
}

function run(command: string): Run {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%M", "sh", "-c", command], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot run ${command}: ${stderr}`);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { seconds, maxRssMb: Number(stderr.trim().split("\n").at(-1)) / 1_024 };
}

function row(name: string, runs: readonly Run[], first: readonly Run[]): Row {
  const ratios = runs.map(({ seconds }, i) => seconds / first[i]!.seconds);
  const seconds = median(runs.map((one) => one.seconds));
  const maxRssMb = Math.max(...runs.map((one) => one.maxRssMb));
  return {
    name,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    value: `${seconds.toFixed(2)} s, ${Math.round(maxRssMb)} MB`,
    note: `${(1 / median(ratios)).toFixed(1)} times as fast`,
  };
}
