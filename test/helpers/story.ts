import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ROOT } from "../../scripts/packages.ts";

/** A run of the murder mystery, as `npm start` runs it. */
export class Story {
  readonly logs: string = mkdtempSync(join(tmpdir(), "whodunit-story-"));
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #page = "";

  constructor(t: TestContext, options: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(
      process.execPath,
      [
        "--conditions=@whodunit/source",
        "examples/murder-mystery/src/main.ts",
        "--logs",
        this.logs,
        ...options,
      ],
      // A process group of its own, so that a signal can reach all of it as Ctrl-C does.
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], detached: true, env: { ...process.env, ...env } },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.#page += chunk;
        this.#child.emit("page");
      });
    }
    // Not "exit", after which the last of what it printed may still be on its way.
    this.#exit = new Promise((resolve) => this.#child.once("close", resolve));
    t.after(() => {
      this.ctrlC("SIGKILL");
      rmSync(this.logs, { recursive: true, force: true });
    });
  }

  /** What it has printed so far. */
  get page(): string {
    return this.#page;
  }

  /** Resolves when the page matches; rejects when the story ends without. */
  async shows(pattern: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (pattern.test(this.#page)) resolve();
    };
    this.#child.on("page", look);
    void this.#exit.then((code) => reject(new Error(`The story ended with ${code}:\n${this.#page}`)));
    look();
    await promise;
    this.#child.off("page", look);
  }

  /** Resolves with the exit code when the story is over. */
  over(): Promise<number | null> {
    return this.#exit;
  }

  /** Sends a signal to the story and all of its processes, as a terminal does. */
  ctrlC(signal: NodeJS.Signals = "SIGINT"): void {
    try {
      process.kill(-(this.#child.pid as number), signal);
    } catch {
      // The group is gone already.
    }
  }

  /** The page's section under a heading, up to the next one. */
  section(heading: string): string {
    const at = this.#page.indexOf(`\n== ${heading}`);
    if (at < 0) throw new Error(`The page has no section "${heading}":\n${this.#page}`);
    const end = this.#page.indexOf("\n== ", at + 1);
    return this.#page.slice(this.#page.indexOf("\n", at + 1) + 1, end < 0 ? undefined : end).trim();
  }

  /** Every service's url and process number, as the page tells them. */
  services(): Map<string, { url: string; pid: number }> {
    const found = this.section("Services").matchAll(/^(\S+) +up at (\S+), process (\d+)$/gm);
    return new Map([...found].map(([, name = "", url = "", pid]) => [name, { url, pid: Number(pid) }]));
  }

  /** Every line that the services wrote to stdout, by service. */
  lines(): Map<string, string[]> {
    const files = readdirSync(this.logs).filter((file) => file.endsWith(".ndjson"));
    return new Map(
      files.map((file) => [
        file.replace(".ndjson", ""),
        readFileSync(join(this.logs, file), "utf8").split("\n").filter(Boolean),
      ]),
    );
  }

  /** What the services wrote to stderr, in one text. */
  stderr(): string {
    const files = readdirSync(this.logs).filter((file) => file.endsWith(".stderr"));
    return files.map((file) => readFileSync(join(this.logs, file), "utf8")).join("");
  }
}

/** Whether a process is alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
