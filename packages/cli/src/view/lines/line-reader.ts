import { LineSplitter } from "../../logs/line-splitter.ts";
import { Unwrapper } from "../../logs/unwrapper.ts";
import type { Line } from "../line.ts";
import { readTextLine } from "./read-text-line.ts";

// What belongs to the line before it: a stack's frames, a cause, what was indented.
const CONTINUES = /^(?:\s+\S|Caused by|\.\.\. \d+ more)/;
const MAX_JOINED = 65_536;

/** Reads a stream of bytes as lines: a container's wrapping taken off, a stack trace joined to its error. */
export class LineReader {
  readonly #service: string;
  readonly #splitter: LineSplitter;
  readonly #unwrapper = new Unwrapper();
  #texts: string[] = [];

  /** @param service whose lines they are where they do not say it themselves */
  constructor(service: string) {
    this.#service = service;
    this.#splitter = new LineSplitter((bytes, start, end) => {
      const text = this.#unwrapper.unwrap(bytes.toString("utf8", start, end));
      if (text === null || text.trim() === "") return;
      const last = this.#texts.at(-1);
      if (last !== undefined && !last.startsWith("{") && CONTINUES.test(text) && last.length < MAX_JOINED)
        this.#texts[this.#texts.length - 1] = `${last}\n${text}`;
      else this.#texts.push(text);
    });
  }

  /** The lines that a chunk has brought to their end. */
  read(chunk: Buffer): Line[] {
    this.#splitter.push(chunk);
    return this.#take();
  }

  /** The last line, where the stream did not end with a line end. */
  end(): Line[] {
    this.#splitter.end();
    return this.#take();
  }

  #take(): Line[] {
    const texts = this.#texts;
    this.#texts = [];
    const nowMs = Date.now();
    return texts.map((text) => readTextLine(text, { service: this.#service, nowMs }));
  }
}
