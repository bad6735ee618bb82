const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** The longest line that is held together, in bytes; the rest of a longer one is thrown away. */
export const MAX_LINE_BYTES = 1_048_576;

/** Told of one line: the bytes `[start, end)` of `bytes`, without its line end; valid during the call only. */
export type LineListener = (bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a stream of chunks into lines without copying: only a line that spans two chunks is joined. A line
 * over {@link MAX_LINE_BYTES} is told cut, so that memory stays bounded whatever the file is.
 */
export class LineSplitter {
  #onLine: LineListener;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onLine: LineListener) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    if (this.#rest.length > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#hold(end < 0 ? chunk : chunk.subarray(0, end));
      if (end < 0) return;
      this.end();
      start = end + 1;
    }
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#tell(chunk, start, end);
      start = end + 1;
    }
    // A copy: the stream may use the chunk's memory again.
    if (start < chunk.length) this.#rest = Buffer.from(chunk.subarray(start));
  }

  /** Tells the last line where the stream did not end with a line end. */
  end(): void {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (rest.length > 0) this.#tell(rest, 0, rest.length);
  }

  #hold(bytes: Buffer): void {
    const room = MAX_LINE_BYTES - this.#rest.length;
    if (room > 0) this.#rest = Buffer.concat([this.#rest, bytes.subarray(0, room)]);
  }

  #tell(bytes: Buffer, start: number, end: number): void {
    const last = bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (last > start) this.#onLine(bytes, start, last);
  }
}
