import { Writable } from "node:stream";
import { openStandard } from "@whodunit/core";
import type { Level } from "../line/level.ts";
import type { LineBuffer } from "../line/line-buffer.ts";
import { descriptor } from "./descriptor.ts";
import { FdSink } from "./fd-sink.ts";
import { flushedAtExit } from "./flush-at-exit.ts";
import type { DroppedLines, Sink } from "./sink.ts";
import { StreamSink } from "./stream-sink.ts";

// What Node's own stdout has, be it a file, a pipe or a terminal.
const { write: plainWrite } = Writable.prototype;

// One for the process, so that no line of one logger ends up within a line of another.
const listeners = new Set<(dropped: DroppedLines) => void>();
let descriptorSink: FdSink | undefined;
let streamSink: { readonly stream: NodeJS.WriteStream; readonly sink: StreamSink } | undefined;
// A replaced stdout may log what it is given.
let writing = false;
// Whether the last line went to the stream.
let toStream = false;

/**
 * Lines to stdout: to the descriptor itself, past `process.stdout`, which would hang the process on a reader that
 * stalls. Where `process.stdout` is not what Node made of the descriptor, because a process manager, a test runner or a
 * collector has replaced it or its `write`, or in a worker thread, lines go through it.
 */
export class StandardOutput implements Sink {
  // Asking `process` for it costs as much as a short line's fields.
  readonly #stdout = process.stdout;
  readonly #onDropped: (dropped: DroppedLines) => void;

  /** @param onDropped told, one of all loggers' for all, when a stall ends in which lines were dropped */
  constructor(onDropped: (dropped: DroppedLines) => void) {
    this.#onDropped = onDropped;
    listeners.add(onDropped);
    if (this.#isPlain()) plain();
  }

  get dropped(): number {
    return (descriptorSink?.dropped ?? 0) + (streamSink?.sink.dropped ?? 0);
  }

  get full(): boolean {
    return this.#isPlain() ? plain().full : this.#through().full;
  }

  drop(level: Level, name: string): void {
    if (this.#isPlain()) plain().drop(level, name);
    else this.#through().drop();
  }

  write(line: string, level: Level, name: string): void {
    if (this.#isPlain()) {
      toStream = false;
      plain().write(line, level, name);
    } else this.#writeThrough(line, level, name);
  }

  writeBuffer(buffer: LineBuffer, level: Level, name: string): void {
    if (this.#isPlain()) {
      toStream = false;
      plain().writeBuffer(buffer, level, name);
    } else this.#writeThrough(buffer.whole, level, name);
  }

  async flush(): Promise<void> {
    await Promise.all([descriptorSink?.flush(), streamSink?.sink.flush()]);
  }

  flushSync(stallMs?: number): void {
    descriptorSink?.flushSync(stallMs);
  }

  // Others may write there still.
  async close(): Promise<void> {
    await this.flush();
    listeners.delete(this.#onDropped);
  }

  #isPlain(): boolean {
    return writing || (this.#stdout.write === plainWrite && this.#stdout.fd === 1);
  }

  #through(): StreamSink {
    if (streamSink?.stream !== this.#stdout) {
      streamSink = { stream: this.#stdout, sink: new StreamSink(this.#stdout) };
    }
    return streamSink.sink;
  }

  #writeThrough(line: string, level: Level, name: string): void {
    // What waits for its batch was logged before.
    if (!toStream) void descriptorSink?.flush();
    toStream = true;
    writing = true;
    try {
      this.#through().write(line, level, name);
    } finally {
      writing = false;
    }
  }
}

function plain(): FdSink {
  descriptorSink ??= flushedAtExit(
    new FdSink(descriptor(openStandard(1)), (dropped) => {
      for (const listener of listeners) return listener(dropped);
    }),
  );
  return descriptorSink;
}
