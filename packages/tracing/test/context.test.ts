import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { currentSpan, withSpan } from "../src/index.ts";
import { recordTracing } from "../src/testing.ts";

test("the active span is right across await, timers, emitters and streams in 10,000 interleaved spans", async (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  let wrong = 0;
  const work = async (i: number): Promise<void> => {
    await withSpan(`span ${i}`, async (span) => {
      const check = (): void => {
        if (currentSpan() !== span) wrong++;
      };
      await Promise.resolve();
      check();
      await sleep(i % 7);
      check();
      const emitter = new EventEmitter();
      setImmediate(() => emitter.emit("done"));
      await once(emitter, "done");
      check();
      await pipeline(
        Readable.from([1, 2]),
        async function* (source) {
          for await (const item of source) {
            check();
            yield item;
          }
        },
        async (source) => {
          for await (const _ of source) check();
        },
      );
      await withSpan("child", async (child) => {
        await new Promise((resolve) => process.nextTick(resolve));
        if (currentSpan() !== child) wrong++;
      });
      check();
    });
  };
  for (let start = 0; start < 10_000; start += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => work(start + i)));
  }
  assert.equal(wrong, 0);
  assert.equal(recorder.spans.length, 20_000);
  const parents = new Map(
    recorder.spans.filter((span) => span.name !== "child").map((span) => [span.spanId, span]),
  );
  assert.ok(recorder.spans.every((span) => span.name !== "child" || parents.has(span.parentSpanId ?? "")));
});
