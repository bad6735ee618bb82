import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import type { LineDestination } from "../../src/index.ts";
import { OWN_NAMES } from "../../src/line/field-names.ts";
import { descriptor, openFile } from "../../src/sink/descriptor.ts";
import { FdSink } from "../../src/sink/fd-sink.ts";
import { prettySink } from "../../src/sink/pretty-sink.ts";
import type { Sink } from "../../src/sink/sink.ts";
import { StreamSink } from "../../src/sink/stream-sink.ts";
import { captureLogs, type DestinationUnderTest } from "../../src/testing.ts";
import { folder, pipe } from "./pipe.ts";

/** A destination that keeps what it is given. */
export function memory() {
  let text = "";
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  return { destination, received: () => text };
}

/** A stream whose other end takes one chunk at a time, each a little later. */
export function slowStream() {
  let text = "";
  let stalled = false;
  let goOn = (): void => {};
  const destination = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const take = (): void => {
        text += String(chunk);
        done();
      };
      if (stalled) goOn = take;
      else setImmediate(take);
    },
  });
  return {
    destination,
    received: () => text,
    stall: () => {
      stalled = true;
    },
    resume: () => {
      stalled = false;
      goOn();
    },
  };
}

/** One of our sinks, as a destination. */
function asDestination(sink: Sink): LineDestination {
  return {
    write: (line) => sink.write(line, "debug", "check-line"),
    flush: (done) => void sink.flush().then(() => done()),
    flushSync: () => sink.flushSync(),
  };
}

/** A pipe that is read every millisecond, and when it is asked for. */
function pipeSink(t: TestContext): DestinationUnderTest {
  const { writeFd, readNow, close } = pipe(t);
  const fd = openSync(`/proc/self/fd/${writeFd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(writeFd);
  const read: Buffer[] = [];
  let open = true;
  const readOn = (): void => {
    if (open) read.push(readNow());
  };
  const reading = setInterval(readOn, 1);
  const sink = new FdSink(descriptor(fd), () => {});
  return {
    destination: asDestination(sink),
    received: () => {
      readOn();
      return Buffer.concat(read).toString();
    },
    stall: () => {
      open = false;
    },
    resume: () => {
      open = true;
    },
    fail: () => {
      open = false;
      close();
    },
    close: async () => {
      await sink.close();
      clearInterval(reading);
    },
  };
}

function fileSink(t: TestContext): DestinationUnderTest {
  const path = join(folder(t), "log");
  const sink = new FdSink(openFile(path), () => {});
  return {
    destination: asDestination(sink),
    received: () => readFileSync(path, "utf8"),
    close: () => sink.close(),
  };
}

function streamSink(): DestinationUnderTest {
  const { destination: stream, ...otherEnd } = slowStream();
  const { flush, write } = asDestination(new StreamSink(stream)) as Required<LineDestination>;
  const destination = {
    write,
    flush,
    get writableLength() {
      return stream.writableLength;
    },
  };
  return { destination, ...otherEnd };
}

/** What pino-pretty made of a line is taken for that line. */
function prettyMemory(): DestinationUnderTest {
  const lines = memory();
  const shown = memory();
  const meant = new Map<string, string>();
  const pretty = asDestination(prettySink(new StreamSink(lines.destination), true, false, OWN_NAMES));
  const single = asDestination(prettySink(new StreamSink(shown.destination), true, false, OWN_NAMES));
  return {
    destination: {
      ...pretty,
      write: (text) => {
        for (const line of text.split(/(?<=\n)/)) {
          const before = shown.received().length;
          single.write(line);
          meant.set(shown.received().slice(before), line);
        }
        pretty.write(text);
      },
    },
    received: () => {
      let text = lines.received();
      let original = "";
      while (text !== "") {
        const next = [...meant].find(([form]) => text.startsWith(form));
        if (next === undefined) return original + text;
        original += next[1];
        text = text.slice(next[0].length);
      }
      return original;
    },
  };
}

function captured(): DestinationUnderTest {
  const capture = captureLogs();
  const { logger } = capture;
  return {
    destination: {
      write: (line) => logger.core.toSink(line),
      flush: (done) => void logger.flush().then(() => done()),
    },
    received: () => capture.text,
    close: () => logger.close(),
  };
}

/** Every sink of this package. */
export const SINKS: Readonly<Record<string, (t: TestContext) => DestinationUnderTest>> = {
  "a pipe": pipeSink,
  "a file": fileSink,
  "an object with write(line)": () => {
    const { destination, received } = memory();
    return { destination: asDestination(new StreamSink(destination)), received };
  },
  "a stream": streamSink,
  "lines for a person": prettyMemory,
  "captureLogs()": captured,
};
