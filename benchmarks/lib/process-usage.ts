import { readdirSync, readFileSync } from "node:fs";

/** What the operating system's account says of a process. Linux only. */
export interface Usage {
  /** Time on a core, user and system, all threads. */
  readonly cpuMicros: number;
  readonly residentMb: number;
}

/**
 * Reads `/proc/<pid>/task/<thread>/schedstat`, whose first number is nanoseconds on a core: `/proc/<pid>/stat` counts in
 * ticks of 10 ms (proc_pid_stat(5)).
 */
export function usageOf(pid: number): Usage {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
  }
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return { cpuMicros: nanoseconds / 1_000, residentMb: Number(resident) / 1_024 };
}
