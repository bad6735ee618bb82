import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { accessSync, chownSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "./until.ts";

// RabbitMQ takes ten seconds on a machine at rest, and more than a minute on a busy one.
const START_MS = 180_000;

/** A real server with all its processes, on a free port of this machine. */
export interface RealServer {
  readonly port: number;
  /** Starts it again after {@link kill}. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it in its tracks, as a debugger or a frozen machine does; `SIGCONT` undoes it. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
}

/** How to run a server. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints once it serves. @default it serves as soon as its port accepts */
  readonly ready?: RegExp;
  /** Runs it as the user of the tests: a program of this checkout, which others may not read. */
  readonly asTester?: boolean;
}

// Database servers refuse to run as root.
const NOBODY = 65_534;
const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/**
 * The path of a program from one of these Debian packages, or undefined after skipping the test because it is
 * missing. In CI a missing one fails.
 */
export function findProgram(
  t: TestContext,
  name: string,
  debianPackage: string,
  ...folders: string[]
): string | undefined {
  for (const folder of [
    ...folders,
    ...(process.env.PATH ?? "").split(delimiter),
    "/usr/sbin",
    "/usr/local/sbin",
  ]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  const reason = `${name} is missing: apt-get install ${debianPackage}`;
  if (process.env.CI === "true") throw new Error(reason);
  t.skip(reason);
  return undefined;
}

const ends = new WeakMap<TestContext, (() => unknown)[]>();

/** Does something when the test ends, what was registered last first: a server is gone before its folder is removed. */
export function atEnd(t: TestContext, work: () => unknown): void {
  const registered = ends.get(t);
  if (registered !== undefined) return void registered.push(work);
  const all = [work];
  ends.set(t, all);
  t.after(async () => {
    const failed: unknown[] = [];
    for (const one of all.reverse()) {
      try {
        await one();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  });
}

/** A folder that the server may write to, removed when the test ends. */
export function serverFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-"));
  if (identity.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  atEnd(t, () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}

// MariaDB clears the temporary folder of other servers' tables as it starts, so each has one of its own.
function environmentIn(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, HOME: folder, TMPDIR: folder };
}

/** Runs a program to its end as the server's user. @throws Error with what it printed when it fails */
export function runProgram(command: string, args: readonly string[], folder: string): void {
  const result = spawnSync(command, args, {
    ...identity,
    cwd: folder,
    encoding: "utf8",
    env: environmentIn(folder),
  });
  if (result.status !== 0)
    throw new Error(`${command} ended with ${result.status}: ${result.stdout}${result.stderr}`);
}

/**
 * A port that nobody listens on, below those that the kernel hands out. It is this process's until it ends: whoever asks for
 * one meanwhile is given another, however long the server takes that is to listen on it.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(10_000, 32_000);
  const mark = createSocket("udp4").unref();
  const server = createServer();
  try {
    // Seen by the tests of all processes, and in the way of no server, which listens for TCP.
    mark.bind({ port, address: "127.0.0.1", exclusive: true });
    await once(mark, "listening");
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    mark.close();
    return freePort();
  }
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a server and waits until its port accepts, and until it has printed that it serves; it is killed when the test ends. */
export async function startServer(
  t: TestContext,
  folder: string,
  port: number,
  { command, args, env, ready = /(?:)/, asTester = false }: ServerCommand,
): Promise<RealServer> {
  let child: ChildProcess | undefined;
  let output = "";
  const running = (): boolean =>
    child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const send = (signal: NodeJS.Signals): void => {
    if (running()) for (const pid of familyOf(child?.pid as number)) sendTo(pid, signal);
  };

  const server: RealServer = {
    port,
    async start() {
      output = "";
      child = spawn(command, args, {
        ...(asTester ? {} : identity),
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...environmentIn(folder), ...env },
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (chunk) => {
          output = (output + chunk).slice(-4_000);
        });
      }
      await until(
        async () => {
          if (child?.exitCode !== null)
            throw new Error(`${command} ended with ${child?.exitCode}: ${output}`);
          return ready.test(output) && accepts(port);
        },
        `${command} serves on ${port}`,
        START_MS,
      );
    },
    async kill() {
      if (!running()) return;
      const gone = once(child as ChildProcess, "exit");
      send("SIGKILL");
      await gone;
    },
    signal: send,
  };
  atEnd(t, () => server.kill());
  await server.start();
  return server;
}

// A process and all that it started: PostgreSQL puts each of its own in a group apart.
function familyOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return [pid, ...children.flatMap((child) => familyOf(Number(child)))];
  } catch {
    // It ended meanwhile.
    return [];
  }
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
