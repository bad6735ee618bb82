import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ask, startChild, told } from "../lib/child.ts";
import { type Row, report } from "../lib/results.ts";
import { startFaultyCallee } from "./faulty-callee.ts";
import type { SoakReport } from "./report.ts";

/**
 * `npm run soak [-- --minutes=10]`: a service with all three packages, and one without, at 500 requests a second each,
 * whose callee fails in turns and whose clients leave now and then. Ends with 1 where a line or span is missing, or
 * something is left over.
 */
const RATE = 500;
const FAULT_S = 15;
const STEP_MS = 20;
// One request in so many is given up by its client.
const LEAVES = 50;
const LEAVE_MS = 5;
const QUIET_MS = 7_000;
// The heap is compared from here on, as a share of the whole: compiling and caches come before.
const WARM = 0.3;
const SERVICE = fileURLToPath(new URL("./service.ts", import.meta.url));
const DRAIN = fileURLToPath(new URL("../lib/drain.ts", import.meta.url));

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes is "${values.minutes}", want a number above 0`);

/** What was read of a service's lines. */
interface Lines {
  total: number;
  asked: number;
  /** Lines of a request's end; one line may stand for many. */
  ends: number;
}

class Subject {
  readonly name: string;
  readonly child: ChildProcess;
  readonly lines: Lines = { total: 0, asked: 0, ends: 0 };
  readonly reports: SoakReport[] = [];
  readonly agent = new Agent({ keepAlive: true, maxSockets: 100 });
  port = 0;
  sent = 0;
  open = 0;

  constructor(name: string, env: Readonly<Record<string, string>>) {
    this.name = name;
    const args = ["--conditions=@whodunit/source", "--expose-gc", SERVICE];
    this.child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      env: { ...process.env, NODE_ENV: "production", LOG_LEVEL: "debug", ...env },
    });
    if (this.child.stdout !== null) createInterface(this.child.stdout).on("line", (line) => this.#read(line));
  }

  #read(line: string): void {
    const { lines } = this;
    lines.total++;
    const { msg, repeats = 1 } = JSON.parse(line) as { msg: string; repeats?: number };
    if (msg === "soak-invoices-asked") lines.asked++;
    if (msg === "soak-http-response" || msg === "soak-http-abort") lines.ends += repeats;
  }

  send(): void {
    const { port, agent } = this;
    const leaves = ++this.sent % LEAVES === 0;
    this.open++;
    const request = get({ host: "127.0.0.1", port, path: "/v1/accounts/acc_1/invoices", agent }, (response) =>
      response.resume(),
    );
    request.on("error", () => {}).on("close", () => this.open--);
    if (leaves) setTimeout(() => request.destroy(), LEAVE_MS);
  }

  async tell(): Promise<void> {
    this.reports.push((await ask(this.child, "report")) as SoakReport);
  }
}

const drain = startChild([DRAIN]);
const { port } = (await told(drain)) as { port: number };
const callee = await startFaultyCallee();
const env = { CALLEE: callee.url, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
const subjects = [
  new Subject("whodunit", env),
  new Subject("the framework alone", { ...env, TELEMETRY: "none" }),
];
for (const subject of subjects) {
  subject.port = ((await told(subject.child)) as { port: number }).port;
  await subject.tell();
}

const start = performance.now();
const steps = 10;
let due = 0;
let faultsBegun = 0;
for (let step = 0; step < steps; step++) {
  const until = start + ((step + 1) * minutes * 60_000) / steps;
  while (performance.now() < until) {
    const elapsedS = (performance.now() - start) / 1_000;
    for (; due < elapsedS * RATE; due++) for (const subject of subjects) subject.send();
    if (elapsedS > (faultsBegun + 1) * FAULT_S) {
      faultsBegun++;
      process.stderr.write(`${elapsedS.toFixed(0)} s: fault ${callee.turn()}\n`);
    }
    await sleep(STEP_MS);
  }
  for (const subject of subjects) await subject.tell();
}
while (subjects.some(({ open }) => open > 0)) await sleep(STEP_MS);
for (const subject of subjects) subject.agent.destroy();
callee.close();
// Connections to the callee are closed by now; calls whose answer nobody read end by themselves.
await sleep(QUIET_MS);
for (const subject of subjects) await subject.tell();

const rows: Row[] = [];
for (const { name, reports, child, lines } of subjects) {
  const warm = reports[Math.ceil(steps * WARM)] as SoakReport;
  const [first, last, end] = [reports[0], reports.at(-2), reports.at(-1)] as [
    SoakReport,
    SoakReport,
    SoakReport,
  ];
  const heap = last.heapBytes / warm.heapBytes;
  const all = reports.slice(Math.ceil(steps * WARM), -1).map(({ heapBytes }) => heapBytes / warm.heapBytes);
  const grown = (last.residentBytes - warm.residentBytes) / 1_048_576;
  const left = end.resources.length - first.resources.length + (end.listeners - first.listeners);
  rows.push({
    name,
    ratio: heap,
    spread: [Math.min(...all), Math.max(...all)],
    value: `${(last.heapBytes / 1_048_576).toFixed(1)} MB`,
    note: `resident ${Math.round(last.residentBytes / 1_048_576)} MB, ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB since; ${left} resources and listeners left over`,
  });
  if (left > 0) fail(`${name}: ${end.resources.join(", ")}; before: ${first.resources.join(", ")}`);
  child.kill("SIGTERM");
  await once(child, "exit");
  if (end.lines === undefined || end.spans === undefined) continue;
  const { requests, calls, spans } = end;
  same("handler's lines", lines.asked, requests);
  same("lines of a request's end", lines.ends, requests);
  same("spans ended", spans.ended, requests + calls);
  same("spans exported", spans.exported, spans.ended);
  console.log(
    `${requests} requests, ${lines.total} lines, ${spans.ended} spans, ${end.lines.dropped} lines dropped`,
  );
}
drain.kill("SIGKILL");
report(
  "soak",
  `${minutes} minutes at ${RATE} requests a second, with faults that come and go`,
  `A callee that is slow, fails, tears its answers or refuses, for ${FAULT_S} s each with as much of well-being between, and one client in ${LEAVES} that leaves. The ratio is the heap after a full collection at the end to that after ${WARM * 100} % of the time, with the least and the most between; the value is that at the end. Every line and span is accounted for, or the command fails.`,
  1,
  rows,
);
process.exit();

function same(what: string, found: number, wanted: number): void {
  if (found !== wanted) fail(`${what}: ${found}, want ${wanted}`);
}

function fail(text: string): void {
  console.error(text);
  process.exitCode = 1;
}
