/** What lives long on V8's heap: a process that fills it ends. */
export interface OldGeneration {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

const MB = 2 ** 20;
// V8 tells one limit of both generations. The young one has three semi-spaces: of at most 32 MiB since V8 14, 64 MiB in V8
// 13 and 16 MiB before, of a 32nd (before V8 13 a 128th) of the old generation where that is smaller, and of a 256th up to 256 MiB
// (Heap::YoungGenerationSizeFromOldGenerationSize).
const SEMI_SPACES = 3;
const V8 = Number.parseInt(process.versions.v8, 10);
const SEMI_SPACE_MAX_BYTES = (V8 >= 14 ? 32 : V8 === 13 ? 64 : 16) * MB;
const OLD_OF_SEMI_SPACE = V8 >= 13 ? 32 : 128;
const OLD_OF_SMALL_SEMI_SPACE = 256;
const SMALL_OLD_BYTES = 256 * MB;

/**
 * Reads the old generation; what Node was started with does not change and is read once. Node's modules are loaded in the
 * call: they bring more with them than all of our own.
 */
export function readOldGeneration(
  flags: readonly string[] = [process.env.NODE_OPTIONS ?? "", ...process.execArgv],
  {
    maxOldGenerationSizeMb,
  }: { readonly maxOldGenerationSizeMb?: number | undefined } = process.getBuiltinModule(
    "node:worker_threads",
  ).resourceLimits,
): () => OldGeneration {
  const { getHeapSpaceStatistics, getHeapStatistics } = process.getBuiltinModule("node:v8");
  const limitBytes = limitOf(getHeapStatistics().heap_size_limit, flags.join(" "), maxOldGenerationSizeMb);
  return () => {
    const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith("new_"));
    return { usedBytes: spaces.reduce((sum, space) => sum + space.space_used_size, 0), limitBytes };
  };
}

function limitOf(bothBytes: number, flags: string, ofWorkerMb: number | undefined): number {
  const oldMb = ofWorkerMb ?? megabytesIn(flags, "old");
  if (oldMb !== undefined && oldMb > 0) return Math.min(bothBytes, oldMb * MB);
  const semiMb = megabytesIn(flags, "semi");
  // V8 rounds it up to a power of two.
  if (semiMb !== undefined && semiMb > 0)
    return bothBytes - SEMI_SPACES * 2 ** Math.ceil(Math.log2(semiMb)) * MB;
  const smallBytes = bothBytes / (1 + SEMI_SPACES / OLD_OF_SMALL_SEMI_SPACE);
  if (smallBytes <= SMALL_OLD_BYTES) return smallBytes;
  const youngBytes = (bothBytes * SEMI_SPACES) / (OLD_OF_SEMI_SPACE + SEMI_SPACES);
  return bothBytes - Math.min(youngBytes, SEMI_SPACES * SEMI_SPACE_MAX_BYTES);
}

// V8 takes dashes and underscores, and of several the last.
function megabytesIn(flags: string, space: "old" | "semi"): number | undefined {
  const found = [...flags.matchAll(new RegExp(`--max[-_]${space}[-_]space[-_]size[= ]"?(\\d+)`, "g"))].at(-1);
  return found === undefined ? undefined : Number(found[1]);
}
