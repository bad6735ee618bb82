import type { LineDestination } from "../sink/stream-sink.ts";
import { checkLine, checkLines, faultIn } from "./destination-lines.ts";

/** A destination to be checked, and its other end. */
export interface DestinationUnderTest {
  readonly destination: LineDestination;
  /** All the text that has come out at the other end so far. */
  received(): string | Promise<string>;
  /** Makes the other end take nothing more, as a reader that hangs, until {@link resume}. */
  stall?(): unknown;
  /** Lets the other end go on. */
  resume?(): unknown;
  /** Makes the other end fail for good, as a closed pipe does. */
  fail?(): unknown;
  /** Cleans up after a rule. */
  close?(): unknown;
}

/** Throws what is wrong. */
type Rule = (subject: DestinationUnderTest, timeoutMs: number) => Promise<void>;

// What a logger lets wait inside, and more than any destination may take in.
const WAITING_MAX_BYTES = 8 * 1_048_576;
const FLOOD_BYTES = 4 * WAITING_MAX_BYTES;
const FLOOD_LINE_LENGTH = 16_384;
const POLL_MS = 5;
const POLLS_AT_REST = 20;

/** What a logger counts on. */
export const RULES: Readonly<Record<string, Rule>> = {
  async "write() takes any line"({ destination }) {
    await Promise.all(checkLines(60).map((line) => destination.write(line)));
  },

  async "lines come out whole, once and in order"(subject, timeoutMs) {
    const sent = checkLines(200);
    for (const line of sent.slice(0, -3)) write(subject, line);
    // A logger may hand over a few at once.
    write(subject, sent.slice(-3).join(""));
    await arrival(subject, sent, timeoutMs);
  },

  async "flush() calls back once, when all is out"(subject, timeoutMs) {
    if (subject.destination.flush === undefined) return;
    await flushed(subject, timeoutMs);
    const sent = checkLines(100);
    for (const line of sent) write(subject, line);
    let calls = 0;
    await Promise.all([
      flushed(subject, timeoutMs, () => calls++),
      // While the first is under way.
      flushed(subject, timeoutMs),
    ]);
    const fault = faultIn(sent, await subject.received());
    if (fault !== undefined) throw new Error(`it called back, but ${fault}`);
    await atRest(subject);
    if (calls !== 1) throw new Error(`it called back ${calls} times`);
  },

  async "flushSync() gets all out before it returns"(subject) {
    const { destination } = subject;
    if (destination.flushSync === undefined) return;
    destination.flushSync();
    const sent = Array.from({ length: 60 }, (_, n) => checkLine(n, 0));
    // Again after it: others may log on the way out, too.
    for (const count of [30, 60]) {
      for (const line of sent.slice(count - 30, count)) write(subject, line);
      destination.flushSync();
      const fault = faultIn(sent.slice(0, count), await subject.received());
      if (fault !== undefined) throw new Error(`it returned, but ${fault}`);
    }
  },

  async "writableLength is the number of bytes that wait"(subject, timeoutMs) {
    const { destination } = subject;
    if (destination.writableLength === undefined) return;
    const sent = checkLines(100);
    for (const line of sent) {
      write(subject, line);
      const waiting: unknown = destination.writableLength;
      if (typeof waiting !== "number" || !(waiting >= 0)) throw new Error(`it is ${String(waiting)}`);
    }
    await arrival(subject, sent, timeoutMs);
    await atRest(subject);
    if (destination.writableLength !== 0)
      throw new Error(`it is ${destination.writableLength} when all is out`);
  },

  async "a reader that hangs costs memory up to a bound"(subject) {
    if (subject.stall === undefined || subject.resume === undefined) return;
    await subject.stall();
    const sent: string[] = [];
    for (let n = 0; n * FLOOD_LINE_LENGTH < FLOOD_BYTES; n++) {
      if ((subject.destination.writableLength ?? 0) > WAITING_MAX_BYTES) break;
      sent.push(checkLine(n, FLOOD_LINE_LENGTH));
      write(subject, sent.at(-1) as string);
    }
    await subject.resume();
    await atRest(subject);
    const received = await subject.received();
    const fault = faultIn(sent, received, "may be missing");
    if (fault !== undefined) throw new Error(fault);
    if (received.length > 2 * WAITING_MAX_BYTES) {
      throw new Error(`it held ${received.length} characters and did not tell by writableLength`);
    }
  },

  async "a reader that fails keeps nobody waiting"(subject, timeoutMs) {
    if (subject.fail === undefined) return;
    await subject.fail();
    for (const line of checkLines(60)) {
      try {
        write(subject, line);
      } catch {
        // To throw is how a destination says that a line is lost.
      }
    }
    if (subject.destination.flush !== undefined) await flushed(subject, timeoutMs, undefined, "may fail");
  },
};

function write({ destination }: DestinationUnderTest, line: string): void {
  const answer = destination.write(line);
  // Judged by a rule of its own.
  if (answer instanceof Promise) answer.catch(() => {});
}

function flushed(
  { destination }: DestinationUnderTest,
  timeoutMs: number,
  onCall?: () => void,
  failure?: "may fail",
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new Error(`it did not call back within ${timeoutMs} ms`);
    const timer = setTimeout(() => reject(late), timeoutMs);
    destination.flush?.((error) => {
      clearTimeout(timer);
      onCall?.();
      if (error && failure === undefined) reject(error);
      else resolve();
    });
  });
}

/** Waits for lines to come out. @throws what is wrong with those that have, after `timeoutMs` */
async function arrival(
  subject: DestinationUnderTest,
  sent: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const fault = faultIn(sent, await subject.received());
    if (fault === undefined) return;
    if (Date.now() > deadline) throw new Error(fault);
    await pause();
  }
}

/** Waits until nothing more comes out. */
async function atRest(subject: DestinationUnderTest): Promise<void> {
  let before = -1;
  for (let same = 0; same < POLLS_AT_REST; ) {
    const { length } = await subject.received();
    same = length === before ? same + 1 : 0;
    before = length;
    await pause();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS));
