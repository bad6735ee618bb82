import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import { folder, pipe } from "./pipe.ts";

/** What stands behind a service's stdout. */
export interface Reader {
  /** The service's end; to be closed once the service has it. */
  readonly stdout: number;
  /** Where another process finds it. */
  readonly path?: string;
  /** Stops reading, as what hangs does. A pipe is not read anyway before `resume`. */
  stall(): void;
  resume(): void;
  /** Ends it, as a crash does. */
  kill(): Promise<void>;
  /** All that came out, once the service is gone. */
  text(): Promise<string>;
}

/** Undefined after the test was skipped, because a program is missing. */
type MakeReader = (t: TestContext) => Promise<Reader | undefined>;

/** Whoever may stand behind a pipe. */
export const READERS: Readonly<Record<string, MakeReader>> = {
  async "a pipe"(t) {
    const { writeFd, path, read, close } = pipe(t);
    let text: Promise<string> | undefined;
    const resume = () => {
      text ??= collected(read());
    };
    return {
      stdout: writeFd,
      path,
      stall: () => {},
      resume,
      kill: async () => close(),
      text: () => {
        resume();
        return text as Promise<string>;
      },
    };
  },

  async "| cat"(t) {
    const out = join(folder(t), "out");
    const { stdout, child } = piped(t, "cat", [], openSync(out, "w"));
    return {
      stdout,
      ...signals(child),
      text: async () => {
        await ended(child);
        return readFileSync(out, "utf8");
      },
    };
  },

  /** As on Debian: `service | logger`, which sends to the socket that rsyslog's imuxsock reads. */
  async "| logger, to rsyslog"(t) {
    const logger = findProgram(t, "logger", "bsdutils");
    const syslog = await startSyslog(t);
    if (logger === undefined || syslog === undefined) return undefined;
    // Without a size, logger cuts lines of more than 1 KiB.
    const args = ["--socket", syslog.socket, "--tag", "service", "--size", "128KiB"];
    const { stdout, child } = piped(t, logger, args, "ignore");
    return {
      stdout,
      ...signals(syslog.child),
      kill: () => killed(child),
      text: async () => {
        await ended(child);
        // What was sent before it was written before it.
        await ended(spawn(logger, [...args, END], { stdio: "ignore" }));
        await until(() => syslog.written().includes(END), "rsyslog");
        return syslog.written().slice(0, syslog.written().indexOf(END));
      },
    };
  },
};

const END = "the-end-of-the-test";
// rsyslog runs as nobody, as it would on a machine of its own.
const NOBODY = 65_534;
const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** rsyslog with a socket of its own, which writes the messages it gets to a file. */
async function startSyslog(t: TestContext) {
  const program = findProgram(t, "rsyslogd", "rsyslog");
  if (program === undefined) return undefined;
  const root = folder(t);
  chmodSync(root, 0o777);
  const [socket, out, conf] = [join(root, "socket"), join(root, "out"), join(root, "conf")];
  const lines = [
    `global(workDirectory="${root}" maxMessageSize="128k")`,
    `module(load="imuxsock" SysSock.Use="off")`,
    `input(type="imuxsock" Socket="${socket}" FlowControl="on")`,
    // After the header that logger puts before a line comes a blank.
    `template(name="line" type="string" string="%msg:2:$%\\n")`,
    `action(type="omfile" file="${out}" template="line")`,
  ];
  writeFileSync(conf, lines.join("\n"));
  const child = spawn(program, ["-n", "-f", conf, "-i", join(root, "pid")], { ...identity, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  await until(() => existsSync(socket) || child.exitCode !== null, "rsyslog's socket");
  if (child.exitCode !== null) throw new Error(`rsyslogd ended with ${child.exitCode}`);
  return { child, socket, written: () => (existsSync(out) ? readFileSync(out, "utf8") : "") };
}

/** Starts a program that reads a real pipe, as a shell does for `service | program`. */
function piped(t: TestContext, program: string, args: readonly string[], out: number | "ignore") {
  const { writeFd, readFd, close } = pipe(t);
  // Opened again, it has no O_NONBLOCK, which no program expects of its stdin.
  const stdin = openSync(`/proc/self/fd/${readFd}`, constants.O_RDONLY);
  const child = spawn(program, args, { stdio: [stdin, out, "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  close();
  closeSync(stdin);
  if (out !== "ignore") closeSync(out);
  return { stdout: writeFd, child };
}

function signals(child: ChildProcess) {
  return {
    stall: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill: () => killed(child),
  };
}

function killed(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  return ended(child);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

async function collected(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Where a program is; undefined after skipping the test because it is missing. In CI that fails. */
function findProgram(t: TestContext, name: string, debianPackage: string): string | undefined {
  for (const place of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"]) {
    try {
      const path = join(place, name);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there.
    }
  }
  const reason = `${name} is missing: apt-get install ${debianPackage}`;
  if (process.env.CI === "true") throw new Error(reason);
  t.skip(reason);
  return undefined;
}
