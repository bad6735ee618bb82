import { loadFrom } from "../lib/load-from.ts";
import { LOOPS } from "./loops.ts";

// Started by paired-loops.ts: node loop-child.ts <tree> <subject>. At each message it runs one slice and answers with
// the microseconds of CPU that the process used in it, all threads, the collector's and the compiler's included.
const [, , tree = "", name = ""] = process.argv;
const subject = LOOPS[name];
if (subject === undefined) throw new Error(`No loop is named "${name}"`);
const { run, settle, delivered } = await subject.make(loadFrom(tree));
const { operations } = subject;
let done = 0;

async function slice(): Promise<number> {
  const before = process.cpuUsage();
  for (const end = done + operations; done < end; done++) run(done);
  const { user, system } = process.cpuUsage(before);
  await settle?.();
  if (delivered() !== done) throw new Error(`${name}: ${delivered()} of ${done} operations were delivered`);
  return user + system;
}

process.on("message", () => void slice().then((micros) => process.send?.(micros)));
process.send?.("ready");
