import { checkType, openStandard, optionError } from "@whodunit/core";
import { FdSink } from "./fd-sink.ts";
import { openFile } from "./open-file.ts";
import type { DroppedLines, Sink } from "./sink.ts";
import { type LineDestination, StreamSink } from "./stream-sink.ts";

const open = new Set<Sink>();
const lastWords = new Set<() => void>();
let listening = false;
let standard: { sink: FdSink; listeners: Set<(dropped: DroppedLines) => void> } | undefined;

/**
 * Opens where a logger's lines go: stdout by default, shared by all loggers of the process, so that no line
 * of one ends up within a line of another; a file by its path; or anything with `write`.
 *
 * @throws TypeError for anything else; the system's error when the file cannot be opened
 */
export function openDestination(
  destination: string | LineDestination | undefined,
  onDropped: (dropped: DroppedLines) => void,
): Sink {
  if (destination === undefined) return standardOutput(onDropped);
  if (typeof destination === "string") return opened(new FdSink(openFile(destination), onDropped));
  checkType("createLogger", "destination", destination, "object");
  if (typeof destination.write !== "function") {
    throw optionError(
      "createLogger",
      "destination",
      destination,
      "a file path or an object with write(line)",
    );
  }
  return opened(new StreamSink(destination));
}

function standardOutput(onDropped: (dropped: DroppedLines) => void): Sink {
  if (standard === undefined) {
    const listeners = new Set<(dropped: DroppedLines) => void>();
    // One of them tells: the lines of all went into one backlog.
    const sink = new FdSink(openStandard(1), (dropped) => {
      for (const listener of listeners) return listener(dropped);
    });
    standard = { sink: opened(sink), listeners };
  }
  const { sink, listeners } = standard;
  listeners.add(onDropped);
  return {
    get dropped() {
      return sink.dropped;
    },
    get full() {
      return sink.full;
    },
    drop: (level, name) => sink.drop(level, name),
    write: (line, level, name) => sink.write(line, level, name),
    writeBuffer: (buffer, level, name) => sink.writeBuffer(buffer, level, name),
    flush: () => sink.flush(),
    flushSync: (stallMs) => sink.flushSync(stallMs),
    // Others may write there still.
    close: async () => {
      await sink.flush();
      listeners.delete(onDropped);
    },
  };
}

/** Calls `tell` on the way out of the process, when lines can still be written. Returns how to take it back. */
export function beforeExit(tell: () => void): () => void {
  lastWords.add(tell);
  return () => lastWords.delete(tell);
}

function opened<Opened extends Sink>(sink: Opened): Opened {
  if (!listening) process.on("exit", flushAll);
  listening = true;
  open.add(sink);
  const close = sink.close.bind(sink);
  return Object.assign(sink, { close: () => close().finally(() => open.delete(sink)) });
}

function flushAll(): void {
  for (const tell of lastWords) tell();
  for (const sink of open) sink.flushSync();
}
