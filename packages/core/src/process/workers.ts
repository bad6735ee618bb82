import type { Cluster } from "node:cluster";

/** Which of the processes behind one port has answered. */
export interface Workers {
  /** The worker's number, as `node:cluster` counts. */
  readonly worker: number;
  /** How many there are; null where the system does not tell. */
  readonly of: number | null;
}

/**
 * Which worker of `node:cluster` this process is, and of how many; undefined where it is none. A request reaches one of
 * them, so what one answers or is told, the others do not know.
 */
export function clusterWorkers(): Workers | undefined {
  const { isWorker, worker } = process.getBuiltinModule("node:cluster") as unknown as Cluster;
  return isWorker && worker !== undefined ? { worker: worker.id, of: countWorkers() } : undefined;
}

// Linux tells a process's children, and with which variables they began; elsewhere nobody but the primary knows.
function countWorkers(): number | null {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  try {
    const children = readFileSync(`/proc/${process.ppid}/task/${process.ppid}/children`, "latin1");
    const own = marksOf(process.pid);
    const workers = children.split(" ").filter((pid) => pid !== "" && marksOf(Number(pid)) === own);
    return own === undefined || workers.length === 0 ? null : workers.length;
  } catch {
    return null;
  }

  // A manager such as PM2 has workers of several applications: theirs begin with other scripts.
  function marksOf(pid: number): string | undefined {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
      if (!variables.some((one) => one.startsWith("NODE_UNIQUE_ID="))) return undefined;
      return variables.find((one) => one.startsWith("pm_exec_path=")) ?? "";
    } catch {
      return undefined;
    }
  }
}
