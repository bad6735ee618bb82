import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Line } from "../line.ts";
import type { Encoded } from "../otlp/decode.ts";
import { Refusal } from "../otlp/refusal.ts";
import type { Taken } from "../otlp/route.ts";
import { TEMPORARY } from "./temporary.ts";
import type { Reply, Request } from "./worker.ts";

/** Where data is kept, and how much. */
export interface StoreOptions {
  /** A folder that keeps it; without one, a temporary folder that goes with the process. */
  readonly data: string | undefined;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Told in words what went wrong with a file, or with writing. */
  readonly tell: (text: string) => void;
}

/** All data, behind a worker: whoever waits for it holds up nobody else. */
export interface Store {
  /** Takes a request as it came. Rejects with a Refusal that says why not. */
  take(request: Encoded): Promise<Taken>;
  addLines(lines: readonly Line[]): Promise<void>;
  /** Answers a question of the API, by its path and parameters. */
  ask(url: string): Promise<{ readonly status: number; readonly json: string }>;
  /** Writes what is waiting and ends. */
  close(): Promise<void>;
}

const WORKER = new URL(import.meta.resolve("#worker"));

// Omit, of each request that there is.
type Asked = Request extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

/**
 * Opens the store.
 *
 * @throws Error that says why it cannot be opened: the folder is in use, cannot be written, is of a newer whodunit
 */
export async function openStore({ data, maxBytes, maxAgeMs, tell }: StoreOptions): Promise<Store> {
  const folder = data ?? mkdtempSync(join(tmpdir(), TEMPORARY));
  const remove = (): void => {
    if (data === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const worker = new Worker(WORKER, {
    workerData: { folder, lasting: data !== undefined, maxBytes, maxAgeMs },
    // Node warns there that its SQLite is young. What goes wrong comes as a message or as the event below.
    stderr: true,
  });
  worker.stderr.resume();
  const waiting = new Map<number, (reply: Reply) => void>();
  let ids = 0;
  let ended: string | null = null;

  const end = (why: string): void => {
    ended = why;
    for (const [id, settle] of waiting) settle({ id, kind: "failed", message: why });
    waiting.clear();
  };
  const opened = new Promise<Reply>((resolve) => waiting.set(0, resolve));
  worker.on("message", (reply: Reply) => {
    if (reply.kind === "told") return tell(reply.text);
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  worker.on("error", (error) => end(`the store has ended: ${error.message}`));
  worker.on("exit", () => end(ended ?? "the store has ended"));

  const ask = (asked: Asked, transfer: ArrayBuffer[] = []): Promise<Reply> =>
    new Promise((resolve) => {
      const id = ++ids;
      if (ended !== null) return resolve({ id, kind: "failed", message: ended });
      waiting.set(id, resolve);
      worker.postMessage({ ...asked, id }, transfer);
    });

  const first = await opened;
  if (first.kind === "failed") {
    await worker.terminate();
    remove();
    throw new Error(first.message);
  }
  process.once("exit", remove);
  return {
    async take(request) {
      // Small bodies share their memory with others, and are copied.
      const isOwn = request.body.byteLength === request.body.buffer.byteLength;
      const body = isOwn ? request.body : new Uint8Array(request.body);
      const reply = await ask({ kind: "take", request: { ...request, body } }, [body.buffer as ArrayBuffer]);
      if (reply.kind === "taken") return reply;
      if (reply.kind === "refused") throw new Refusal(reply.status, reply.message);
      throw new Refusal(503, reply.kind === "failed" ? reply.message : "the store is not there");
    },
    async addLines(lines) {
      await ask({ kind: "lines", lines });
    },
    async ask(url) {
      const reply = await ask({ kind: "ask", url });
      if (reply.kind === "answer") return reply;
      const message = reply.kind === "failed" ? reply.message : "the store is not there";
      return { status: 503, json: JSON.stringify({ message }) };
    },
    async close() {
      if (ended === null) {
        const exit = once(worker, "exit");
        await ask({ kind: "close" });
        await exit;
      }
      process.off("exit", remove);
      remove();
    },
  };
}
