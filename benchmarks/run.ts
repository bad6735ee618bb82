import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drive } from "./lib/drive.ts";
import type { Micro } from "./lib/micro.ts";
import { type Row, report } from "./lib/results.ts";

/**
 * Runs benchmarks and writes their tables: `npm run bench -- [name…] [--rounds=9]`. A benchmark is a file
 * `<package>/<name>.bench.ts`; it exports `micro` (small loops), or `title`, `note` and `measure(rounds)` where it
 * measures in its own way.
 */
interface Own {
  readonly title: string;
  readonly note: string;
  readonly measure: (rounds: number) => Promise<Row[]>;
  /** Where one round is all there is: a run of a minute. */
  readonly rounds?: number;
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const rounds = Number(process.argv.find((argument) => argument.startsWith("--rounds="))?.slice(9) ?? 9);
const found = globSync("*/*.bench.ts", { cwd: folder }).toSorted();
const named = found.map((file) => ({ file: folder + file, name: file.replace(/\.bench\.ts$/, "") }));
for (const name of wanted) {
  if (!named.some((bench) => bench.name.startsWith(name))) {
    throw new Error(
      `No benchmark is named "${name}", want one of ${named.map((bench) => bench.name).join(", ")}`,
    );
  }
}

for (const { file, name } of named) {
  if (wanted.length > 0 && !wanted.some((start) => name.startsWith(start))) continue;
  const bench = (await import(file)) as { micro: Micro } | Own;
  if ("micro" in bench) {
    report(name, bench.micro.title, bench.micro.note, rounds, drive(file, bench.micro, rounds));
  } else {
    const times = bench.rounds ?? rounds;
    report(name, bench.title, bench.note, times, await bench.measure(times));
  }
}
