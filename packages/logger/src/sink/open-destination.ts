import { optionError } from "@whodunit/core";
import { openFile } from "./descriptor.ts";
import { FdSink } from "./fd-sink.ts";
import { flushedAtExit } from "./flush-at-exit.ts";
import type { DroppedLines, Sink } from "./sink.ts";
import { StandardOutput } from "./standard-output.ts";
import { type LineDestination, StreamSink } from "./stream-sink.ts";

/**
 * Opens where a logger's lines go: stdout by default, a file by its path, or anything with `write`.
 *
 * @throws TypeError for anything else; the system's error when the file cannot be opened
 */
export function openDestination(
  destination: string | LineDestination | undefined,
  onDropped: (dropped: DroppedLines) => void,
): Sink {
  if (destination === undefined) return new StandardOutput(onDropped);
  if (typeof destination === "string") return flushedAtExit(new FdSink(openFile(destination), onDropped));
  if (typeof destination?.write !== "function") {
    throw optionError(
      "createLogger",
      "destination",
      destination,
      "a file path or an object with write(line)",
    );
  }
  return flushedAtExit(new StreamSink(destination));
}
