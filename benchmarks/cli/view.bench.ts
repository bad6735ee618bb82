import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StoreCounts } from "whodunit";
import { median, type Row } from "../lib/results.ts";
import { otlpBatch } from "./otlp-batch.ts";

const RATE = 5_000;
const SECONDS = 60;
const BATCHES_A_SECOND = 10;
const POLL_MS = 1_000;
const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

export const title = `whodunit view takes ${RATE} spans/s for ${SECONDS} s`;
export const rounds = 1;
export const note =
  "Protobuf, nine attributes a span, ten spans a trace, one trace in 50 failing, into the default store of 64 MiB, while the page's three questions are asked every second. The ratio is to what was sent, to the store's bound, and to one second. One round.";

/** Sends spans to `whodunit view` at a steady rate while it is asked what the page asks. */
export async function measure(): Promise<Row[]> {
  const view = spawn(process.execPath, ["--conditions=@whodunit/source", MAIN, "view", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(view.stdout, "data")) as [Buffer];
    const url = /http:\/\/\S+/.exec(line.toString())![0];
    const asked = { answersMs: [] as number[], peakBytes: 0, done: false };
    const asking = askOn(url, asked);
    const sent = await sendOn(url);
    asked.done = true;
    await asking;
    const counts = await countsOf(url);
    const resident = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${view.pid}/status`, "utf8"))?.[1];
    const worst = Math.max(...asked.answersMs);
    return [
      row("spans taken", counts.received / sent, `${counts.received} of ${sent}`),
      row("bytes held at most", asked.peakBytes / counts.maxBytes, `${asked.peakBytes} bytes`),
      row(
        "slowest answer",
        worst / 1_000,
        `${worst.toFixed(0)} ms`,
        `median ${median(asked.answersMs).toFixed(0)} ms`,
      ),
      row(
        "resident at most",
        Number(resident) / (counts.maxBytes / 1_024),
        `${Math.round(Number(resident) / 1_024)} MB`,
      ),
    ];
  } finally {
    view.kill();
  }
}

async function sendOn(url: string): Promise<number> {
  const batch = otlpBatch("things", RATE / BATCHES_A_SECOND / 10);
  const began = performance.now();
  let sent = 0;
  for (let i = 0; i < SECONDS * BATCHES_A_SECOND; i++) {
    const { status } = await fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: batch.next(),
    });
    if (status === 200) sent += batch.spans;
    else throw new Error(`The receiver answered ${status}`);
    await sleep(Math.max(0, began + ((i + 1) * 1_000) / BATCHES_A_SECOND - performance.now()));
  }
  const took = (performance.now() - began) / 1_000;
  if (took > SECONDS * 1.02) throw new Error(`The receiver was too slow: ${Math.round(sent / took)} spans/s`);
  return sent;
}

async function askOn(
  url: string,
  asked: { answersMs: number[]; peakBytes: number; done: boolean },
): Promise<void> {
  while (!asked.done) {
    for (const path of ["/api/map", "/api/traces?limit=50", "/api/traces?error=true&minMs=20"]) {
      const began = performance.now();
      await (await fetch(url + path)).text();
      asked.answersMs.push(performance.now() - began);
    }
    asked.peakBytes = Math.max(asked.peakBytes, (await countsOf(url)).bytes);
    await sleep(POLL_MS);
  }
}

const countsOf = async (url: string): Promise<StoreCounts> =>
  (await fetch(`${url}/api/counts`)).json() as Promise<StoreCounts>;

const row = (name: string, ratio: number, value: string, more: string = ""): Row => ({
  name,
  ratio,
  spread: [ratio, ratio],
  value,
  note: more,
});
