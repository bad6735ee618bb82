import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { TestContext } from "node:test";
import { ROOT } from "../../scripts/packages.ts";
import { type Command, commandsOf, isTyped, masked } from "./documented-commands.ts";
import { atEnd } from "./real-server.ts";
import { until } from "./until.ts";

/** How a document is walked through. */
export interface WalkOptions {
  /** What stands in the document, and what in its place here: an address, a folder. */
  readonly places?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where its reader is. @default the root of the tree */
  readonly cwd?: string;
}

/** What is expected of a command. */
interface Expected {
  /** With which code it ends. @default 0 */
  readonly code?: number;
  /** Whether all that it prints is as the document shows it, times and widths of columns as well. @default false */
  readonly isExact?: boolean;
}

/** What a command did. */
interface Done {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Types the command lines of a document one after the other in one shell, as its reader does. What a document shows of the
 * output is compared with what comes. In the end each command was typed, or taken to be run in another way.
 */
export async function walk(
  t: TestContext,
  document: string,
  options: WalkOptions,
  through: (page: Walk) => Promise<void>,
): Promise<void> {
  const page = new Walk(t, document, options);
  await through(page);
  assert.deepEqual(page.left, [], `commands of ${document} that nothing has typed`);
}

/** A document on its way through. */
export class Walk {
  readonly #document: string;
  readonly #commands: Command[];
  readonly #folder: string;
  readonly #shell: ChildProcess;
  readonly #codes: AsyncIterator<string>;
  readonly #places: Map<string, string>;
  #typed = 0;

  constructor(t: TestContext, document: string, { places = {}, env = {}, cwd = ROOT }: WalkOptions) {
    this.#document = document;
    this.#commands = commandsOf(document).filter(isTyped);
    this.#places = new Map(Object.entries(places));
    this.#folder = mkdtempSync(join(tmpdir(), "whodunit-walk-"));
    const { NODE_ENV: _env, NODE_TEST_CONTEXT: _context, PATH = "", ...inherited } = process.env;
    const paths = [dirname(process.execPath), join(ROOT, "node_modules/.bin"), PATH];
    this.#shell = spawn("sh", {
      cwd,
      env: { ...inherited, PATH: paths.join(delimiter), ...env },
      stdio: ["pipe", "pipe", "inherit"],
      // What it leaves running ends with it.
      detached: true,
    });
    const lines: Interface = createInterface({ input: this.#shell.stdout! });
    this.#codes = lines[Symbol.asyncIterator]();
    atEnd(t, () => {
      try {
        process.kill(-this.#shell.pid!, "SIGKILL");
      } catch {
        // All of it has ended.
      }
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /** The command lines that nothing has typed so far. */
  get left(): string[] {
    return this.#commands.map(({ text }) => text);
  }

  /** What stands in place of what the document says, once it is known. */
  place(said: string, here: string): void {
    this.#places.set(said, here);
  }

  /** The next command lines, as long as they fit: run by the test itself. */
  take(pattern: RegExp): string[] {
    const taken: string[] = [];
    while (this.#commands[0] !== undefined && pattern.test(this.#commands[0].text))
      taken.push(this.#commands.shift()!.text);
    assert.notEqual(taken.length, 0, `${this.#document}: ${this.left[0]} is not ${pattern}`);
    return taken;
  }

  /** Types the next command, waits for its end, and compares what it prints with what the document shows. */
  async type(pattern: RegExp, { code = 0, isExact = false }: Expected = {}): Promise<Done> {
    const { text, shown } = this.#next(pattern);
    const [out, err] = this.#send(text, "\necho $?");
    const { value } = await this.#codes.next();
    const done = { stdout: readFileSync(out, "utf8"), stderr: readFileSync(err, "utf8") };
    assert.equal(Number(value), code, `${this.#document}: ${text}\n${done.stdout}${done.stderr}`);
    // A terminal ends the last line where a program does not.
    const compared = isExact ? String : (printed: string): string => masked(printed).trimEnd();
    if (shown !== undefined)
      assert.equal(compared(done.stdout), compared(shown), `${this.#document}: ${text}`);
    return done;
  }

  /** Types the next command, and leaves it running once it has printed that it is ready. */
  async leave(pattern: RegExp, ready: RegExp): Promise<void> {
    const [out, err] = this.#send(this.#next(pattern).text, " &");
    const printed = (): string => readFileSync(out, "utf8") + readFileSync(err, "utf8");
    await until(() => ready.test(printed()), `${this.#document}: ${pattern} prints ${ready}`);
  }

  #next(pattern: RegExp): Command {
    const [command] = this.#commands;
    assert.match(command?.text ?? "the end", pattern, this.#document);
    return this.#commands.shift()!;
  }

  /** In braces it is the shell itself that exports and goes to other folders. */
  #send(text: string, rest: string): readonly [string, string] {
    const files = ["out", "err"].map((name) => join(this.#folder, `${this.#typed}.${name}`));
    this.#typed++;
    let here = text;
    for (const [said, place] of this.#places) here = here.replaceAll(said, place);
    for (const file of files) writeFileSync(file, "");
    const [out = "", err = ""] = files;
    this.#shell.stdin!.write(`{ ${here}\n} >'${out}' 2>'${err}' </dev/null${rest}\n`);
    return [out, err];
  }
}
