import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import type { Line } from "../line.ts";
import { LineReader } from "./line-reader.ts";

const CHUNK_BYTES = 262_144;
const LOOK_EVERY_MS = 250;

/** Told of lines; waited for before more are read. */
export type AddLines = (lines: readonly Line[]) => Promise<void>;

/** The name of a file's service where its lines name none: `app.log.gz` is `app`. */
export const serviceOfFile = (path: string): string =>
  basename(path).replace(/(?:\.(?:log|json|ndjson|txt|gz|\d+))+$/, "") || "file";

/**
 * Reads a log from its beginning, and then what is written to it, until the signal is given. A file that was cut or
 * replaced, as rotation does, is read anew; one that is gzipped is read once.
 *
 * @throws Error when it cannot be read
 */
export async function followFile(path: string, add: AddLines, signal: AbortSignal): Promise<void> {
  let file = await open(path, "r");
  try {
    if (await isGzip(file)) return await readPacked(file, path, add);
    let reader = new LineReader(serviceOfFile(path));
    let position = 0;
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const readOn = async (): Promise<boolean> => {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return false;
      position += bytesRead;
      await add(reader.read(chunk.subarray(0, bytesRead)));
      return true;
    };
    while (!signal.aborted) {
      if (await readOn()) continue;
      const next = await replaced(file, path, position);
      if (next !== null) {
        // What was written to it after the last look and before it was replaced.
        if (next !== file) while (await readOn());
        await add(reader.end());
        reader = new LineReader(serviceOfFile(path));
        position = 0;
        if (next !== file) {
          await file.close();
          file = next;
        }
        continue;
      }
      await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
    await add(reader.end());
  } finally {
    await file.close();
  }
}

// The file to go on with from its beginning: itself where it was cut, another one where it was replaced, else null.
async function replaced(file: FileHandle, path: string, position: number): Promise<FileHandle | null> {
  const own = await file.stat();
  let next: FileHandle;
  try {
    next = await open(path, "r");
  } catch {
    return own.size < position ? file : null; // Moved away, and not made anew yet.
  }
  const other = await next.stat();
  if (other.ino !== own.ino || other.dev !== own.dev) return next;
  await next.close();
  return own.size < position ? file : null;
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

async function readPacked(file: FileHandle, path: string, add: AddLines): Promise<void> {
  const packed = file.createReadStream({ start: 0, autoClose: false });
  const gunzip = packed.pipe(createGunzip());
  packed.on("error", (error) => gunzip.destroy(error));
  await readStream(gunzip, serviceOfFile(path), add);
}

/** Reads a stream to its end. */
export async function readStream(
  stream: AsyncIterable<Buffer | string>,
  service: string,
  add: AddLines,
): Promise<void> {
  const reader = new LineReader(service);
  for await (const chunk of stream) await add(reader.read(Buffer.from(chunk as Buffer)));
  await add(reader.end());
}
