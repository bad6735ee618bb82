import type { Sink } from "./sink.ts";

const open = new Set<Sink>();
const lastWords = new Set<() => void>();
let listening = false;

/** Has `sink` flushed on the way out of the process, until it is closed. */
export function flushedAtExit<Opened extends Sink>(sink: Opened): Opened {
  if (!listening) process.on("exit", flushAll);
  listening = true;
  open.add(sink);
  const close = sink.close.bind(sink);
  return Object.assign(sink, { close: () => close().finally(() => open.delete(sink)) });
}

/** Calls `tell` on the way out of the process, when lines can still be written. Returns how to take it back. */
export function beforeExit(tell: () => void): () => void {
  lastWords.add(tell);
  return () => lastWords.delete(tell);
}

function flushAll(): void {
  for (const tell of lastWords) tell();
  for (const sink of open) sink.flushSync();
}
