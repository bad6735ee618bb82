import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceiver } from "whodunit";
import { median, type Row } from "../lib/results.ts";
import { otlpLines } from "./otlp-batch.ts";

const LINES = 1_000_000;
const A_REQUEST = 2_000;
const TIMES = 40;
const WANTED_MS = 100;

/** By kind of question, what is asked; `n` makes each time another. */
const QUESTIONS: Readonly<Record<string, (n: number) => string>> = {
  "a word": (n) => `/api/lines?search=${n % 2 === 0 ? "sugar" : "done"}`,
  "a phrase": () => `/api/lines?search=${encodeURIComponent('"no sugar left"')}`,
  "field:value": (n) => `/api/lines?search=AccountID:account-${(n * 37) % 1_000}`,
  "field:value and a word": (n) =>
    `/api/lines?search=${encodeURIComponent(`level:error AccountID:account-${(n * 50) % 1_000} sugar`)}`,
  "what is not there": (n) => `/api/lines?search=AccountID:nobody-${n}`,
  "counts by name": () => "/api/names",
  "over time": () => "/api/over-time",
};

export const title = `whodunit view finds in ${LINES.toLocaleString("en-GB")} lines on disk`;
export const rounds = 1;
export const note = `Five attributes a line, one in 50 an error. Each question ${TIMES} times over HTTP; the ratio is of the p95 to ${WANTED_MS} ms.`;

/** Fills a store and asks it. */
export async function measure(): Promise<Row[]> {
  const data = mkdtempSync(join(tmpdir(), "whodunit-bench-"));
  const receiver = await startReceiver({ port: 0, data, maxBytes: 8 * 1_073_741_824 });
  try {
    const lines = otlpLines("things", A_REQUEST);
    const began = performance.now();
    for (let sent = 0; sent < LINES; sent += A_REQUEST) {
      const headers = { "content-type": "application/x-protobuf" };
      const { status } = await fetch(`${receiver.url}/v1/logs`, {
        method: "POST",
        headers,
        body: lines.next(),
      });
      if (status !== 200) throw new Error(`The receiver answered ${status}`);
    }
    const counts = await receiver.counts();
    const seconds = (performance.now() - began) / 1_000;
    const filled: Row = {
      name: "lines written",
      ratio: counts.lines / LINES,
      spread: [counts.lines / LINES, counts.lines / LINES],
      value: `${Math.round(counts.lines / seconds)} a second`,
      note: `${Math.round(counts.bytes / 1_048_576)} MiB`,
    };
    const rows: Row[] = [filled];
    for (const [name, question] of Object.entries(QUESTIONS))
      rows.push(await ask(receiver.url, name, question));
    return rows;
  } finally {
    await receiver.close();
    rmSync(data, { recursive: true, force: true });
  }
}

async function ask(url: string, name: string, question: (n: number) => string): Promise<Row> {
  const tookMs: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const began = performance.now();
    const answer = await fetch(url + question(n));
    await answer.text();
    if (!answer.ok) throw new Error(`${question(n)} was answered ${answer.status}`);
    tookMs.push(performance.now() - began);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const p95Ms = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  const ratio = p95Ms / WANTED_MS;
  return {
    name,
    ratio,
    spread: [ratio, ratio],
    value: `${p95Ms.toFixed(1)} ms`,
    note: `median ${median(sorted).toFixed(1)} ms`,
  };
}
