import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import type { Level } from "../../src/index.ts";
import { Backlog } from "../../src/sink/backlog.ts";
import type { Descriptor } from "../../src/sink/descriptor.ts";
import { FdSink } from "../../src/sink/fd-sink.ts";

process.env.NODE_ENV = "test";

/** What a descriptor does at one write: takes so many bytes, or throws. Behind the script it takes all. */
type Step = number | "EAGAIN" | "EINTR" | "ENOSPC" | "EPIPE";

class Scripted implements Descriptor {
  readonly #script: Step[];
  text = "";
  closed = false;

  constructor(script: readonly Step[]) {
    this.#script = [...script];
  }

  write(bytes: Uint8Array, from: number): number {
    assert.ok(from < bytes.length, "no write of nothing");
    const step = this.#script.shift() ?? bytes.length;
    if (typeof step === "string") throw Object.assign(new Error(step), { code: step });
    const taken = Math.min(step, bytes.length - from);
    this.text += Buffer.from(bytes.subarray(from, from + taken)).toString("latin1");
    return taken;
  }

  close(): void {
    this.closed = true;
  }
}

const line = (n: number, length: number): string => `${n}:${"x".repeat(length)}\n`;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 40_000 }),
  fc.constantFrom("EAGAIN", "EINTR", "ENOSPC" as const),
);
const command = fc.record({
  level: fc.constantFrom<Level>("debug", "error"),
  length: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 150_000 })),
  // What happens next: milliseconds that pass, or a flush.
  next: fc.oneof(fc.integer({ min: 0, max: 25 }), fc.constant("flush" as const)),
});

/** Lets all go out that will: a retry comes after 20 ms at most, and each step of the script may ask for one. */
function deliver(t: TestContext, sink: FdSink, steps: number): void {
  void sink.flush();
  for (let n = 0; n < steps + 2; n++) t.mock.timers.tick(20);
}

describe("FdSink against a descriptor that answers by a script", () => {
  it("delivers every line whole, once and in order, whatever the descriptor takes at a time", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    const property = fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.array(command, { maxLength: 30 }),
      (script, commands) => {
        const target = new Scripted(script);
        const sink = new FdSink(target, () => assert.fail("nothing is dropped"));
        let sent = "";
        for (const [n, { level, length, next }] of commands.entries()) {
          const text = line(n, length);
          sink.write(text, level, "name");
          sent += text;
          if (next === "flush") void sink.flush();
          else t.mock.timers.tick(next);
          assert.ok(sent.startsWith(target.text), "what is out is the beginning of what was sent");
        }
        deliver(t, sink, script.length);
        assert.equal(target.text, sent);
        assert.equal(sink.dropped, 0);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it("counts what it cannot deliver, to the last line, when the descriptor fails for good", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    t.mock.method(process.stderr, "write", () => true);
    const property = fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.array(command, { minLength: 1, maxLength: 20 }),
      (script, commands) => {
        const target = new Scripted([...script, ...Array<Step>(200).fill("EPIPE")]);
        const sink = new FdSink(target, () => {});
        for (const [n, { level, length }] of commands.entries()) sink.write(line(n, length), level, "name");
        deliver(t, sink, script.length);
        const whole = target.text.split("\n").length - 1;
        assert.equal(whole + sink.dropped, commands.length);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  it("tries again after 64 lines, without a timer, where a service logs much in one go", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    const target = new Scripted(["EAGAIN", "EAGAIN"]);
    const sink = new FdSink(target, () => {});
    for (let n = 0; n < 64; n++) sink.write(line(n, 10), "error", "name");
    assert.equal(target.text, "");
    for (let n = 64; n < 200; n++) sink.write(line(n, 10), "error", "name");
    assert.ok(target.text.split("\n").length > 190, "no turn of the event loop was needed");
  });

  it("closes the descriptor once all is out, and writes nothing after", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    const target = new Scripted([3, "EAGAIN"]);
    const sink = new FdSink(target, () => {});
    sink.write("a line\n", "error", "name");
    const closing = sink.close();
    assert.equal(target.closed, false);
    t.mock.timers.tick(20);
    await closing;
    assert.deepEqual([target.text, target.closed], ["a line\n", true]);
    sink.write("late\n", "error", "name");
    assert.deepEqual([target.text, sink.dropped], ["a line\n", 1]);
  });
});

describe("Backlog against an array", () => {
  const MAX = 100;
  const operation = fc.oneof(
    fc.record({ level: fc.constantFrom<Level>("debug", "error"), length: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 80 }) }),
  );

  it("holds, drops and gives the same lines in the same order", () => {
    const property = fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const backlog = new Backlog(MAX);
      let model: { text: string; level: Level }[] = [];
      let dropped = 0;
      const held = () => model.reduce((sum, { text }) => sum + text.length, 0);
      for (const [n, each] of operations.entries()) {
        if ("take" in each) {
          const { text, lines } = backlog.take(each.take);
          let wanted = "";
          let count = 0;
          while (wanted.length < each.take && model.length > 0) {
            wanted += model.shift()!.text;
            count++;
          }
          assert.deepEqual({ text, lines }, { text: wanted, lines: count });
        } else {
          const text = `${n}${"x".repeat(each.length)}`;
          backlog.push(text, each.level, "name");
          if (each.level === "error") {
            while (held() + text.length > MAX) {
              const oldest = model.findIndex(({ level }) => level === "debug");
              if (oldest === -1) break;
              model = model.toSpliced(oldest, 1);
              dropped++;
            }
          }
          if (held() + text.length <= MAX) model.push({ text, level: each.level });
          else dropped++;
        }
        assert.equal(backlog.empty, model.length === 0);
        assert.equal(backlog.droppedTotal, dropped);
      }
      const told = backlog.takeDropped();
      assert.equal((told?.debug ?? 0) + (told?.error ?? 0), dropped);
      assert.equal(backlog.takeDropped(), undefined);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

for (const [way, shiftMs] of [
  ["back an hour", -3_600_000],
  ["on an hour", 3_600_000],
] as const) {
  it(`T11: waits at the end of the process as long as ever when the clock is set ${way}`, (t) => {
    const { now } = Date;
    let looks = 0;
    // As the old clock at first; and never for ever, whoever looks.
    t.mock.method(Date, "now", () => (looks++ === 0 ? now() : looks < 1_000 ? now() + shiftMs : 1e15));
    const stalled = new Scripted(Array.from({ length: 2_000 }, () => "EAGAIN" as const));
    const sink = new FdSink(stalled, () => {});
    sink.write(line(1, 10), "error", "name");
    sink.flushSync(20);
    assert.deepEqual([stalled.text, sink.dropped], ["", 1], "nobody reads: it is given up");
    assert.ok(looks < 1_000, "in time");
    // A reader that is a little late has all of it.
    looks = 0;
    const late = new Scripted(["EAGAIN", "EAGAIN", "EAGAIN"]);
    const lateSink = new FdSink(late, () => assert.fail("nothing is dropped"));
    lateSink.write(line(1, 10), "error", "name");
    lateSink.flushSync();
    assert.equal(late.text, line(1, 10));
  });
}
