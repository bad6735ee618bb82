import { closeSync, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const CHUNK_BYTES = 524_288;

/**
 * Opens a log file. A gzipped one is told by its first bytes, not by its name. A chunk's memory is used again
 * after the next one was asked for.
 */
export function openLog(path: string): AsyncIterable<Buffer> {
  return unpack(readFile(path));
}

// Synchronously: a file's bytes are at hand, and the way through the thread pool costs as much as the counting.
async function* readFile(path: string): AsyncIterable<Buffer> {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const bytes = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (bytes === 0) return;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    closeSync(file);
  }
}

/** The bytes of a stream, unpacked where they are gzip. */
export async function* unpack(stream: AsyncIterable<string | Buffer>): AsyncIterable<Buffer> {
  const chunks = toBuffers(stream)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const rest: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => chunks };
  if (!isGzip(first.value)) {
    yield first.value;
    yield* rest;
    return;
  }
  const packed = Readable.from(joined(first.value, rest));
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // What goes wrong on either side must end the reading, not the process.
  packed.on("error", (error) => gunzip.destroy(error));
  yield* packed.pipe(gunzip);
}

async function* toBuffers(stream: AsyncIterable<string | Buffer>): AsyncIterable<Buffer> {
  for await (const chunk of stream) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (bytes.length > 0) yield bytes;
  }
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // Copies: gunzip takes chunks ahead of time, when their memory is in use again.
  yield Buffer.from(first);
  for await (const chunk of rest) yield Buffer.from(chunk);
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
