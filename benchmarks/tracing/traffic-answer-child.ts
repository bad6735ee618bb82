// Makes the answer of /debug/traffic fifty times and prints what it took, as JSON.
import { gzipSync } from "node:zlib";
import { FakeClock } from "../../packages/tracing/src/testing.ts";
import type { TrafficRecord } from "../../packages/tracing/src/traffic/record.ts";
import { Traffic } from "../../packages/tracing/src/traffic/traffic.ts";

/** What the answers took. */
export interface Answered {
  /** The longest that the event loop was held by one of them, in milliseconds of CPU time: the middle, and the worst. */
  readonly longestMs: number;
  readonly worstMs: number;
  /** Gzipped. */
  readonly bytes: number;
  readonly seriesBytes: number;
}

const SERIES = 1_000;
const ANSWERS = 50;
const PAST_MINUTES = 60;
const PAST_REQUESTS = 20;
// Ten minutes of thirty requests a minute.
const STEPS = 60;
const STEP_MS = 10_000;
const STEP_REQUESTS = 5;

let seed = 1;
const random = (): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return seed / 2 ** 32;
};

function recordOf(series: number): TrafficRecord {
  const failed = random() < 0.02;
  const fields: unknown[] = ["tenant", failed ? "acme" : `tenant-${Math.floor(random() * 40)}`];
  for (let i = 0; i < 30; i++) fields.push(`field${i}`, `value-${Math.floor(random() * 50)}`);
  const id = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return {
    side: series % 2 === 0 ? "server" : "client",
    peer: `service-${series % 25}`,
    route: `GET /things/${series}/:id`,
    status: failed ? 500 : 200,
    errorType: undefined,
    aborted: false,
    // Lognormal about 20 ms.
    durationMs: 20 * Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
    trace: { traceId: id() + id() + id() + id(), spanId: id() + id() },
    thrown: failed ? "TypeError" : undefined,
    described: fields,
    path: "/things/7",
  };
}

async function filled(): Promise<Traffic> {
  const clock = new FakeClock();
  const traffic = new Traffic({
    service: "web",
    instance: "1",
    version: "1.8.3",
    classify: undefined,
    clock,
  });
  const record = (requests: number): void => {
    for (let series = 0; series < SERIES; series++)
      for (let i = 0; i < requests; i++) traffic.record(recordOf(series));
  };
  for (let minute = 0; minute < PAST_MINUTES; minute++) {
    record(PAST_REQUESTS);
    await clock.advance(60_000);
  }
  for (let step = 0; step < STEPS; step++) {
    await clock.advance(STEP_MS);
    record(STEP_REQUESTS);
  }
  return traffic;
}

// Of the main thread alone; Node has it from 23.9 on.
const { threadCpuUsage } = process as unknown as { threadCpuUsage: typeof process.cpuUsage };
const cpuMs = (): number => {
  // The thread's own is as old as Linux' last tick, up to 4 ms, unless that of all threads was asked for.
  process.cpuUsage();
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
};

async function answer(traffic: Traffic): Promise<{ text: string; longestMs: number }> {
  let [last, longestMs, isOver] = [cpuMs(), 0, false];
  const turn = (): void => {
    const now = cpuMs();
    longestMs = Math.max(longestMs, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const pieces: Buffer[] = [];
  // In the turn in which it was made, as a response does.
  for await (const piece of traffic.snapshotJson()) pieces.push(Buffer.from(piece));
  isOver = true;
  await new Promise((resolve) => setImmediate(resolve));
  return { text: Buffer.concat(pieces).toString(), longestMs };
}

const traffic = await filled();
// A service that is asked once a second has it compiled, and what has filled its series is old.
for (let i = 0; i < 10; i++) await answer(traffic);
const all: number[] = [];
let text = "";
for (let i = 0; i < ANSWERS; i++) {
  const answered = await answer(traffic);
  all.push(answered.longestMs);
  text = answered.text;
}
all.sort((a, b) => a - b);
const { series } = JSON.parse(text) as { series: unknown };
const answered: Answered = {
  longestMs: all[ANSWERS / 2]!,
  worstMs: all[ANSWERS - 1]!,
  bytes: gzipSync(text).length,
  seriesBytes: gzipSync(JSON.stringify({ series })).length,
};
process.stdout.write(JSON.stringify(answered));
if (traffic.counts(600).length !== SERIES) throw new Error("the series have gone");
