import type { DestinationUnderTest } from "../../src/testing.ts";
import { memory } from "./destinations.ts";

const WHOLE = "lines come out whole, once and in order";
const FLUSH = "flush\\(\\) calls back once, when all is out";
const FLUSH_SYNC = "flushSync\\(\\) gets all out before it returns";
const LENGTH = "writableLength is the number of bytes that wait";
const HANGS = "a reader that hangs costs memory up to a bound";
const FAILS = "a reader that fails keeps nobody waiting";

/** Destinations that break a rule each: what they do, how to make one, what is said of it. */
export const WRONG: readonly [what: string, make: () => DestinationUnderTest, broken: string][] = [
  [
    "throws",
    () => over((line, take) => (line.length > 1_000 ? fail() : take(line))),
    "write\\(\\) takes any line: no",
  ],
  [
    "answers with a promise that is rejected",
    () =>
      over((line, take) => {
        take(line);
        return line.length > 1_000 ? Promise.reject(new Error("no")) : undefined;
      }),
    "write\\(\\) takes any line: no",
  ],
  [
    "loses a line",
    () => over((line, take, n) => n !== 50 && take(line)),
    `${WHOLE}: 1 of 200 lines did not come out, the first is line 50`,
  ],
  [
    "writes a line twice",
    () => over((line, take, n) => take(n === 50 ? line + line : line)),
    `${WHOLE}: line 50 came out twice`,
  ],
  ["swaps lines", swapping, `${WHOLE}: line \\d+ came out after line \\d+`],
  [
    "cuts long lines",
    () => over((line, take) => take(line.slice(0, 8_192))),
    `${WHOLE}: a line came out changed or in pieces: "{`,
  ],
  [
    "adds a line feed",
    () => over((line, take) => take(`${line}\n`)),
    `${WHOLE}: a line came out changed or in pieces: "\\\\n"`,
  ],
  [
    "forgets the line feed",
    () => over((line, take) => take(line.trimEnd())),
    `${WHOLE}: a line came out changed`,
  ],
  [
    "writes another encoding",
    () => over((line, take) => take(Buffer.from(line).toString("latin1"))),
    `${WHOLE}: a line came out changed`,
  ],
  [
    "takes the first of a few lines",
    () => over((line, take) => take(line.split(/(?<=\n)/)[0]!)),
    `${WHOLE}: 2 of 200 lines did not`,
  ],
  ["never calls back", () => having({ flush: () => {} }), `${FLUSH}: it did not call back within 300 ms`],
  [
    "calls back at once",
    () => late({ flush: (done) => done() }),
    `${FLUSH}: it called back, but 100 of 100 lines did not`,
  ],
  [
    "calls back twice",
    () =>
      having({
        flush(done) {
          done();
          setImmediate(done);
        },
      }),
    `${FLUSH}: it called back 2 times`,
  ],
  ["calls back with an error", () => having({ flush: (done) => done(new Error("busy")) }), `${FLUSH}: busy`],
  ["cannot flush twice at once", flushingOnce, `${FLUSH}: it did not call back within 300 ms`],
  [
    "leaves lines behind in flushSync",
    () => late({ flushSync: () => {} }),
    `${FLUSH_SYNC}: it returned, but 30 of 30 lines did not`,
  ],
  ["takes nothing after flushSync", endingAtFlush, `${FLUSH_SYNC}: it returned, but 30 of 60 lines did not`],
  ["throws in flushSync", () => having({ flushSync: fail }), `${FLUSH_SYNC}: no`],
  ["tells no number", () => having({ writableLength: "none" as never }), `${LENGTH}: it is none`],
  ["counts up for ever", () => having({ writableLength: 7 }), `${LENGTH}: it is 7 when all is out`],
  [
    "holds all and does not tell",
    () => complete({ length: true }),
    `${HANGS}: it held \\d+ characters and did not tell`,
  ],
  [
    "breaks a line when many wait",
    () => complete({ whole: true }),
    `${HANGS}: a line came out changed or in pieces`,
  ],
  [
    "waits for a reader that is gone",
    () => complete({ answer: true }),
    `${FAILS}: it did not call back within 300 ms`,
  ],
];
function fail(): never {
  throw new Error("no");
}

type More = Partial<DestinationUnderTest["destination"]>;

/** A destination in memory whose `write` is this; `n` counts its calls. */
function over(
  write: (line: string, take: (text: string) => void, n: number) => unknown,
): DestinationUnderTest {
  const { destination, received } = memory();
  let n = 0;
  return { destination: { write: (line) => write(line, destination.write, n++) }, received };
}

function having(more: More): DestinationUnderTest {
  const { destination, received } = memory();
  return { destination: { ...destination, ...more }, received };
}

/** Takes lines a little later than they are given. */
function late(more: More): DestinationUnderTest {
  const { destination, received } = memory();
  const write = (line: string) => void setImmediate(() => destination.write(line));
  return { destination: { write, ...more }, received };
}

function swapping(): DestinationUnderTest {
  let held = "";
  return over((line, take, n) => {
    if (n % 50 === 10) held = line;
    else {
      take(line + held);
      held = "";
    }
  });
}

function flushingOnce(): DestinationUnderTest {
  let busy = false;
  return having({
    flush(done) {
      if (busy) return;
      busy = true;
      setImmediate(() => {
        busy = false;
        done();
      });
    },
  });
}

function endingAtFlush(): DestinationUnderTest {
  let [lines, ended] = [0, false];
  const { destination, received } = over((line, take) => {
    lines++;
    if (!ended) take(line);
  });
  return {
    destination: {
      ...destination,
      flushSync: () => {
        ended = lines > 0;
      },
    },
    received,
  };
}

/** A destination that has all it can have; the options take something away. */
export function complete(
  without: { readonly length?: true; readonly whole?: true; readonly answer?: true } = {},
): DestinationUnderTest {
  const { destination: end, received } = memory();
  let held = "";
  let state: "well" | "stalled" | "failed" = "well";
  let waiters: (() => void)[] = [];
  const deliver = () => {
    if (state !== "well") return;
    end.write(without.whole && held.length > 1_000_000 ? held.replace("}\n{", "}{") : held);
    held = "";
    const told = waiters;
    waiters = [];
    for (const done of told) done();
  };
  const destination: DestinationUnderTest["destination"] = {
    write: (line) => {
      if (state === "failed") fail();
      held += line;
      setImmediate(deliver);
    },
    flush: (done) => {
      if (state === "failed" && !without.answer) done(new Error("gone"));
      else waiters.push(done);
      setImmediate(deliver);
    },
    flushSync: deliver,
  };
  if (!without.length) Object.defineProperty(destination, "writableLength", { get: () => held.length });
  return {
    destination,
    received,
    stall: () => {
      state = "stalled";
    },
    resume: () => {
      state = "well";
    },
    fail: () => {
      state = "failed";
    },
  };
}
