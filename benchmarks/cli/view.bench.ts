import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StoreCounts } from "whodunit";
import { median, type Row } from "../lib/results.ts";
import { otlpBatch, otlpLines } from "./otlp-batch.ts";

const RATE = 5_000;
const SECONDS = 60;
const BATCHES_A_SECOND = 10;
const ASK_EVERY_MS = 1_000;
const WANTED = { p95Ms: 100, residentMb: 350 };
// What users run, where it is built: from source Node strips the types first.
const PACKAGE = fileURLToPath(new URL("../../packages/cli/", import.meta.url));
const MAIN = existsSync(`${PACKAGE}dist/main.js`) ? `${PACKAGE}dist/main.js` : `${PACKAGE}src/main.ts`;

/** What the page asks. */
const QUESTIONS = [
  "/api/map",
  "/api/map?windowS=600",
  "/api/traces?limit=50",
  "/api/traces?error=true&minMs=20",
  "/api/over-time",
  "/api/lines?limit=200",
  "/api/lines?search=level:error",
  "/api/names",
  "/api/health",
  "/api/changes",
];

export const title = `whodunit view takes ${RATE} spans/s and ${RATE} lines/s for ${SECONDS} s`;
export const rounds = 1;
export const note =
  `Protobuf, nine attributes a span, ten spans a trace, one trace in 50 failing, five attributes a line, while the ` +
  `page's ${QUESTIONS.length} questions are asked every second. The ratio is to what was sent, to ${WANTED.p95Ms} ms and to ${WANTED.residentMb} MB. One round.`;

/** Sends spans and lines to `whodunit view` at a steady rate while it is asked what the page asks. */
export async function measure(): Promise<Row[]> {
  const args = MAIN.endsWith(".ts") ? ["--conditions=@whodunit/source", MAIN] : [MAIN];
  const view = spawn(process.execPath, [...args, "view", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(view.stdout, "data")) as [Buffer];
    const url = /http:\/\/\S+/.exec(line.toString())![0];
    const asked = { answersMs: [] as number[], done: false };
    const asking = askOn(url, asked);
    const spans = otlpBatch("things", RATE / BATCHES_A_SECOND / 10);
    const lines = otlpLines("things", RATE / BATCHES_A_SECOND);
    const sent = await Promise.all([
      sendOn(`${url}/v1/traces`, spans.spans, () => spans.next()),
      sendOn(`${url}/v1/logs`, lines.lines, () => lines.next()),
    ]);
    asked.done = true;
    await asking;
    const counts = (await (await fetch(`${url}/api/counts`)).json()) as StoreCounts;
    const residentKb = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${view.pid}/status`, "utf8"))?.[1];
    const residentMb = Number(residentKb) / 1_024;
    const sorted = asked.answersMs.toSorted((a, b) => a - b);
    const p95Ms = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
    return [
      row(
        "spans taken",
        counts.received / sent[0],
        `${counts.received} of ${sent[0]}`,
        `${counts.dropped} dropped, and counted`,
      ),
      row("lines taken", counts.receivedLines / sent[1], `${counts.receivedLines} of ${sent[1]}`),
      row(
        "answers, p95",
        p95Ms / WANTED.p95Ms,
        `${p95Ms.toFixed(0)} ms`,
        `median ${median(sorted).toFixed(0)} ms, slowest ${sorted.at(-1)?.toFixed(0)} ms of ${sorted.length}`,
      ),
      row("resident at most", residentMb / WANTED.residentMb, `${Math.round(residentMb)} MB`),
    ];
  } finally {
    view.kill();
  }
}

async function sendOn(url: string, each: number, next: () => Buffer): Promise<number> {
  const began = performance.now();
  let sent = 0;
  for (let i = 0; i < SECONDS * BATCHES_A_SECOND; i++) {
    const { status } = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: next(),
    });
    if (status !== 200) throw new Error(`${url} answered ${status}`);
    sent += each;
    await sleep(Math.max(0, began + ((i + 1) * 1_000) / BATCHES_A_SECOND - performance.now()));
  }
  const took = (performance.now() - began) / 1_000;
  if (took > SECONDS * 1.02) throw new Error(`${url} was too slow: ${Math.round(sent / took)} a second`);
  return sent;
}

async function askOn(url: string, asked: { answersMs: number[]; done: boolean }): Promise<void> {
  while (!asked.done) {
    for (const path of QUESTIONS) {
      const began = performance.now();
      const answer = await fetch(url + path);
      await answer.text();
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      asked.answersMs.push(performance.now() - began);
    }
    await sleep(ASK_EVERY_MS);
  }
}

const row = (name: string, ratio: number, value: string, more: string = ""): Row => ({
  name,
  ratio,
  spread: [ratio, ratio],
  value,
  note: more,
});
