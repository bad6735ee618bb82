import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, type Row } from "../lib/results.ts";
import type { Answered } from "./traffic-answer-child.ts";

const CHILD = fileURLToPath(new URL("./traffic-answer-child.ts", import.meta.url));
const WANTED_MS = 5;
const WANTED_TIMES = 1.5;

export const title = "/debug/traffic of 1,000 series";
export const rounds = 5;
export const note = `A thousand series with an hour behind them and 300 requests each in ten minutes, described by 31 fields, 2 % failures. How long the event loop is held at a time is the main thread's CPU time between two turns, so that what else runs on the machine does not count: of fifty answers the middle, and the worst, in which garbage is collected, too. The ratio is to the ${WANTED_MS} ms that are promised. Of its size, gzipped, the ratio is to the series alone, which were the whole answer before there were memory, changes, resources and described values; ${WANTED_TIMES} is promised.`;

/** Has a process of its own make the answers, once a round. */
export async function measure(times: number): Promise<Row[]> {
  const all = Array.from({ length: times }, (): Answered => {
    const flags = ["--conditions=@whodunit/source", CHILD];
    return JSON.parse(execFileSync(process.execPath, flags, { encoding: "utf8" })) as Answered;
  });
  const row = (
    name: string,
    unit: string,
    digits: number,
    of: (one: Answered) => number,
    to: number,
  ): Row => {
    const values = all.map(of);
    const ratios = values.map((value) => value / to);
    const value = `${median(values).toFixed(digits)} ${unit}`;
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value,
      note: "",
    };
  };
  const before = median(all.map(({ seriesBytes }) => seriesBytes));
  return [
    row("the loop is held at a time", "ms", 2, ({ longestMs }) => longestMs, WANTED_MS),
    row("at its worst of fifty", "ms", 2, ({ worstMs }) => worstMs, WANTED_MS),
    row("all of it, gzipped", "KB", 0, ({ bytes }) => bytes / 1_000, before / 1_000),
  ];
}
