// A service for the tests of causes: it answers at once until it is told to be slow, and by what. Its clock stands still
// but for what it is told to go on by, so that what was an hour ago was a second ago.
import { writeFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { watchPool } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { FakeClock, recordTracing } from "@whodunit/tracing/testing";

/** What makes the service slow, and by how much. */
export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "loop"; readonly ms: number; readonly by?: keyof typeof STALLS }
  | { readonly kind: "compute"; readonly cpuMs: number }
  | { readonly kind: "garbage"; readonly ms: number }
  | { readonly kind: "pool"; readonly ms: number }
  | { readonly kind: "memory"; readonly share: number };

/** What the test tells it. */
export type Order = Fault | { readonly kind: "advance"; readonly ms: number };

const { SERVICE = "voting", UPSTREAM, SOCKETS = "1", GROUP, SEMI_SPACE_MB } = process.env;
if (GROUP !== undefined) writeFileSync(`${GROUP}/cgroup.procs`, `${process.pid}`);
const clock = new FakeClock(Date.now());
recordTracing({ service: SERVICE, clock });
const agent = new Agent({ keepAlive: true, maxSockets: Number(SOCKETS) });

let fault: Fault = { kind: "none" };
const kept: unknown[] = [];

process.on("message", (order: Order) => {
  if (order.kind === "advance") clock.advance(order.ms);
  else {
    if (order.kind === "memory") hoard(order.share);
    fault = order;
  }
  process.send?.("done");
});

/** A pool of one connection. */
class Pool {
  readonly size = 1;
  waitingCount = 0;
  #last: Promise<unknown> = Promise.resolve();

  async use(ms: number): Promise<void> {
    this.waitingCount++;
    const turn = this.#last.then(async () => {
      this.waitingCount--;
      await sleep(ms);
    });
    this.#last = turn;
    await turn;
  }
}
const pool = new Pool();
watchPool("orders-db", pool);

function countSugar(ms: number): number {
  const end = performance.now() + ms;
  let grains = 0;
  while (performance.now() < end) grains += Math.sqrt(grains + 1);
  return grains;
}

function sortSugar(ms: number): void {
  const end = performance.now() + ms;
  const lumps = Array.from({ length: 5_000 }, (_, i) => `lump ${(i * 7_919) % 5_000}`);
  while (performance.now() < end) lumps.toSorted((a, b) => a.localeCompare(b));
}

const TEXT = JSON.stringify(Array.from({ length: 5_000 }, (_, i) => ({ lump: i, sweet: true })));

function parseSugar(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) JSON.parse(TEXT);
}

function matchSugar(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) /^(?:sugar+)+$/.test(`${"sugar".repeat(14)}!`);
}

/** What may hold the event loop: the service's own work, and what the engine does for it. */
const STALLS = { countSugar, sortSugar, parseSugar, matchSugar };

/** Takes so much of the processor's time, however long it waits for it. */
function compute(cpuMs: number): void {
  const from = process.cpuUsage();
  const usedMs = (): number => {
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1_000;
  };
  while (usedMs() < cpuMs) countSugar(1);
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Has garbage collected for so long. V8 left to itself may do it beside, on other processors, or learn not to need it. */
function litter(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    kept[0] = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `${i}`, next: [i, { i }] }));
    collect();
  }
}

const MB = 2 ** 20;

/** Keeps for good this share of what the heap's old generation may hold. */
function hoard(share: number): void {
  // V8's limit has three semi-spaces in it.
  const youngBytes = 3 * Number(SEMI_SPACE_MB) * MB;
  const fullBytes = share * (getHeapStatistics().heap_size_limit - youngBytes);
  const isRoom = (): boolean => getHeapStatistics().used_heap_size < fullBytes;
  while (isRoom()) {
    while (isRoom()) kept.push(Array.from({ length: 5_000 }, (_, i) => ({ i, next: [i] })));
    // What was no more than garbage is gone; what is kept is old.
    collect();
  }
}

const replaced: unknown[] = [];

/**
 * Has much come and go on a heap that is full. It rests as long as that took, garbage collection and all: V8 ends a process
 * that does nothing else.
 */
async function squeeze(): Promise<void> {
  const from = performance.now();
  while (performance.now() < from + 60)
    for (let i = 0; i < 20_000; i++) replaced[(i * 3) % 60_000] = { i, next: [i] };
  await sleep(performance.now() - from);
}

async function suffer(): Promise<void> {
  if (fault.kind === "loop") STALLS[fault.by ?? "countSugar"](fault.ms);
  else if (fault.kind === "compute") compute(fault.cpuMs);
  else if (fault.kind === "garbage") litter(fault.ms);
  else if (fault.kind === "pool") await pool.use(fault.ms);
  else if (fault.kind === "memory") await squeeze();
  if (UPSTREAM !== undefined) await ask(UPSTREAM);
}

const ask = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().once("end", resolve)).once("error", reject);
  });

const server = createServer(
  withTracing(async (request, response) => {
    const ms = Number(new URL(request.url ?? "/", "http://x").searchParams.get("ms") ?? 0);
    if (ms > 0) await sleep(ms);
    await suffer();
    response.end();
  }),
).listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
// Whoever is slow to use a connection again on a machine under load must not meet its end.
server.keepAliveTimeout = 72_000;
process.on("disconnect", () => process.exit(0));
