import type { ReadFile } from "./kernel-files.ts";

/** What the kernel tells of the group of processes that this one is limited with. */
export interface CpuGroup {
  /** How many CPUs it may use; undefined where nothing limits it. */
  readonly limitCpus: number | undefined;
  /** For how long it was kept from running since its beginning, in milliseconds. */
  readonly throttledMs: number;
}

const ROOT = "/sys/fs/cgroup";

/**
 * Finds where the kernel tells of this process's group, of cgroup 2 or 1, once; undefined where it does not. What is
 * returned reads a few lines of the kernel's memory.
 */
export function findCpuGroup(read: ReadFile): (() => CpuGroup | undefined) | undefined {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const second = lines.find(([id, controllers]) => id === "0" && controllers === "")?.[2];
  const first = lines.find(([, controllers]) => controllers?.split(",").includes("cpu"));
  const folders = [
    ...(second === undefined ? [] : pathsUp(second).map((path) => `${ROOT}${path}`)),
    // In a container its own group is at the root, whatever the path is outside.
    ...(first === undefined
      ? []
      : [`${ROOT}/${first[1]}${first[2]}`, `${ROOT}/cpu${first[2]}`, `${ROOT}/cpu`]),
  ];
  const limited = folders.find((folder) => limitIn(folder, read) !== undefined);
  const folder = limited ?? folders.find((one) => read(`${one}/cpu.stat`) !== undefined);
  return folder === undefined ? undefined : () => readGroup(folder, read);
}

/** `/a/b` -> `/a/b`, `/a`, ``: a group is limited by those above it, too. */
function pathsUp(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i)).map((some) =>
    some.map((part) => `/${part}`).join(""),
  );
}

function limitIn(folder: string, read: ReadFile): number | undefined {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? "").trim().split(" ").map(Number);
  if (quota! > 0 && period! > 0) return quota! / period!;
  const [quotaUs, periodUs] = ["quota", "period"].map((name) => Number(read(`${folder}/cpu.cfs_${name}_us`)));
  return quotaUs! > 0 && periodUs! > 0 ? quotaUs! / periodUs! : undefined;
}

function readGroup(folder: string, read: ReadFile): CpuGroup | undefined {
  const stat = read(`${folder}/cpu.stat`);
  if (stat === undefined) return undefined;
  // cgroup 2 counts microseconds, cgroup 1 nanoseconds.
  const us = Number(/^throttled_usec (\d+)$/m.exec(stat)?.[1] ?? Number.NaN);
  const ns = Number(/^throttled_time (\d+)$/m.exec(stat)?.[1] ?? 0);
  return { limitCpus: limitIn(folder, read), throttledMs: Number.isNaN(us) ? ns / 1e6 : us / 1e3 };
}
