import { isRecord } from "../../is-record.ts";

/** Which of the processes behind one port has answered, as `node:cluster` counts; `of` is null where nobody knows. */
export interface Worker {
  readonly worker: number;
  readonly of: number | null;
}

/** What the workers of a cluster answered, one answer each, in their order; the one answer of whatever is no cluster. */
export interface Heard<Answer> {
  readonly answers: readonly Answer[];
  /** What to say of those that were not heard; undefined where all were. */
  readonly unheard: string | undefined;
}

/** How long to go on asking, and what to do with an answer of a worker that was heard before. */
export interface HearOptions<Answer> {
  /** @default 5_000 */
  readonly budgetMs?: number;
  readonly drop?: (answer: Answer) => void;
}

// At once, so that a cluster of many is heard soon and one whose workers have much to tell is not asked for all of it.
const AT_ONCE = 4;
// A primary hands connections out in turn (node:cluster, SCHED_RR), to everybody who connects; a kernel as it likes. Who
// draws one of n so often by chance misses one in less than a thousandth of all cases, up to 60 of them.
const askedMax = (of: number | null): number => 24 + 10 * Math.min(of ?? 0, WORKERS_MAX);
// A service may say what it likes: nobody is asked for ever, and no more answers are kept than machines have cores.
const WORKERS_MAX = 128;
const BUDGET_MS = 5_000;
// After so many in a row without a new one, all are thought heard where nobody says how many there are.
const NOBODY_NEW = 12;

/**
 * Asks until each worker of a cluster has been heard: a connection reaches one of them, and nobody outside chooses which.
 *
 * @param ask asks over a connection of its own; rejecting is no answer, but the first time
 */
export async function hearWorkers<Answer>(
  ask: () => Promise<Answer>,
  workerOf: (answer: Answer) => Worker | undefined,
  { budgetMs = BUDGET_MS, drop }: HearOptions<Answer> = {},
): Promise<Heard<Answer>> {
  const first = await ask();
  const known = workerOf(first);
  if (known === undefined) return { answers: [first], unheard: undefined };
  const heard = new Map([[known.worker, first]]);
  let { of } = known;
  const untilMs = performance.now() + budgetMs;
  let nothingNew = 0;
  const missing = (): number =>
    of === null ? Number(nothingNew < NOBODY_NEW) : Math.max(0, of - heard.size);
  for (
    let asked = 1;
    missing() > 0 && heard.size < WORKERS_MAX && asked < askedMax(of) && performance.now() < untilMs;
  ) {
    const count = of === null ? AT_ONCE : Math.min(missing(), AT_ONCE);
    asked += count;
    const answers = await Promise.allSettled(Array.from({ length: count }, ask));
    nothingNew += count;
    for (const answer of answers) {
      if (answer.status === "rejected") continue;
      const next = workerOf(answer.value);
      of = next?.of ?? of;
      if (next !== undefined && !heard.has(next.worker)) {
        heard.set(next.worker, answer.value);
        nothingNew = 0;
      } else drop?.(answer.value);
    }
  }
  const inOrder = [...heard].sort(([a], [b]) => a - b).map(([, answer]) => answer);
  return { answers: inOrder, unheard: unheardOf(heard.size, of) };
}

function unheardOf(heard: number, of: number | null): string | undefined {
  if (of === null) return `${heard} workers of a cluster were heard, and nobody tells how many there are`;
  return heard >= of ? undefined : `${of - heard} of ${of} workers of a cluster were not heard`;
}

/** Reads `workers` of an answer's body. */
export function readWorker(body: unknown): Worker | undefined {
  const workers = isRecord(body) ? body.workers : undefined;
  if (!isRecord(workers) || typeof workers.worker !== "number") return undefined;
  return { worker: workers.worker, of: typeof workers.of === "number" ? workers.of : null };
}

/** The header that says it where an answer has no body to stand in: `whodunit-worker: 2/4`, or `2/?`. */
export const WORKER_HEADER = "whodunit-worker";

/** Reads {@link WORKER_HEADER}. */
export function readWorkerHeader(text: unknown): Worker | undefined {
  const [, worker, of] = /^(\d{1,9})\/(\d{1,9}|\?)$/.exec(typeof text === "string" ? text : "") ?? [];
  return worker === undefined ? undefined : { worker: Number(worker), of: of === "?" ? null : Number(of) };
}
