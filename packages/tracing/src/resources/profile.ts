import type { Profiler } from "node:inspector";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterWorkers } from "@whodunit/core";
import { listInSlices } from "../traffic/in-slices.ts";
import type { JsonWriter } from "../traffic/json-writer.ts";

/** A CPU profile as V8 gives it, which DevTools, VS Code and speedscope read as `.cpuprofile`. */
export type CpuProfile = Profiler.Profile;

let running = false;

/** Whether a profile is being taken. */
export const isProfiling = (): boolean => running;

/**
 * Takes a CPU profile of this thread for so many milliseconds, by a session of the inspector inside the process: no port is
 * opened. One at a time.
 *
 * @throws Error when one is being taken, or when Node was built without the inspector
 */
export async function takeProfile(durationMs: number): Promise<CpuProfile> {
  if (running) throw new Error("a profile is being taken");
  running = true;
  try {
    // Loaded for whoever asks: it takes milliseconds.
    const { Session } = await import("node:inspector/promises");
    const session = new Session();
    session.connect();
    try {
      await session.post("Profiler.enable");
      await session.post("Profiler.start");
      // What V8 has optimized before does not know any more which functions it has put into others, and their time would be
      // those others'. Coverage throws all of it away (V8, Coverage::SelectMode), and what is made anew while a profile is
      // taken knows.
      await session.post("Profiler.startPreciseCoverage", { callCount: true });
      await session.post("Profiler.stopPreciseCoverage");
      await sleep(durationMs);
      return (await session.post("Profiler.stop")).profile;
    } finally {
      session.disconnect();
    }
  } finally {
    running = false;
  }
}

/** A profile as JSON, in slices that do not hold the event loop. In a cluster it says whose it is, as no other worker's is in it. */
export async function* profileJson(profile: CpuProfile): AsyncGenerator<string, void, undefined> {
  const workers = clusterWorkers();
  const { nodes, samples = [], timeDeltas = [], startTime, endTime } = profile;
  yield `{"startTime":${startTime},"endTime":${endTime}`;
  yield* listInSlices("nodes", nodes, writeElement);
  yield* listInSlices("samples", samples, writeElement);
  yield* listInSlices("timeDeltas", timeDeltas, writeElement);
  yield workers === undefined ? "}" : `,"workers":${JSON.stringify(workers)}}`;
}

function writeElement(item: unknown, json: JsonWriter): void {
  json.element();
  json.text(JSON.stringify(item));
}
