import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";

export type Kind = "ESM" | "CommonJS";

/** What a program printed, and the lines it told on stderr. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly told: readonly Readonly<Record<string, unknown>>[];
}

/** How a program is run. */
export interface Running {
  readonly kind: Kind;
  /** The folder it lies in while it runs: its imports are looked up from there. */
  readonly folder: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of ES modules, or the same one with each import turned into a require. */
export async function runProgram(t: TestContext, text: string, running: Running): Promise<Ran> {
  const { kind, folder, flags = [], env = {} } = running;
  const own = await mkdtemp(join(folder, ".tmp-"));
  t.after(() => rm(own, { recursive: true, force: true }));
  const file = join(own, kind === "ESM" ? "app.mjs" : "app.cjs");
  await writeFile(file, kind === "ESM" ? text : asCommonJs(text));
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", ...flags, file], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    cwd: own,
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk) => {
      output[stream] += chunk;
    });
  }
  const [code] = await once(child, "close");
  const lines = output.stderr.split("\n").filter((line) => line.startsWith("{"));
  return { code, ...output, told: lines.map((line) => JSON.parse(line)) };
}

const asCommonJs = (text: string): string =>
  text
    .replaceAll(/^(\s*)import \* as /gm, "$1import ")
    .replaceAll(/^(\s*)import (.+) from (".+");$/gm, "$1const $2 = require($3);")
    .replaceAll(/\bawait import\(/g, "require(");
