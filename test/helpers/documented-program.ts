import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { ROOT } from "../../scripts/packages.ts";

/** A page of the documentation, by its name in `docs/` or by its path. */
export const page = (name: string): string =>
  readFileSync(name.includes("/") ? join(ROOT, name) : `${ROOT}docs/${name}`, "utf8");

/** What stands in the fences of a kind, in order; of those without one where it is empty. */
export const fences = (text: string, kind: string): string[] =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, own, inner = ""]) =>
    own === kind ? [inner] : [],
  );

/** Lines as a page may show them: what differs from run to run by the kind of value that it is. */
export function linesOf(lines: readonly string[]): object[] {
  return lines.map((line) => {
    const fields = JSON.parse(line);
    for (const key of ["time", "RequestID", "trace_id", "span_id", "duration", "StatusTime"])
      if (key in fields) fields[key] = typeof fields[key];
    return fields;
  });
}

/** A program of a page that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Where it listens, once it does. */
  readonly url: Promise<string>;
}

// Tells its parent where a program listens that was given port 0.
const TELL = `data:text/javascript,${encodeURIComponent(`
  import { Server } from "node:net";
  const { emit } = Server.prototype;
  Server.prototype.emit = function (name, ...rest) {
    if (name === "listening") process.send(this.address().port);
    return emit.call(this, name, ...rest);
  };`)}`;

/** Runs a program that says its name in its first line, as `// server.mjs`, in a folder of its own. */
export function runProgram(
  t: TestContext,
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Running {
  mkdirSync(`${ROOT}test/tmp`, { recursive: true });
  const folder = mkdtempSync(`${ROOT}test/tmp/program-`);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, /^\/\/ (\S+)\n/.exec(program)![1]!);
  writeFileSync(file, program);
  const { NODE_ENV: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", "--import", TELL, file], {
    env: { ...env, PORT: "0", OTEL_TRACES_EXPORTER: "none", ...environment },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(line));
  const url = once(child, "message").then(([port]) => `http://localhost:${port}`);
  return { process: child, lines, url };
}
