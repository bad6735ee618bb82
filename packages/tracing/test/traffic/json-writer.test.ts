import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { Bins } from "../../src/traffic/histogram.ts";
import { JsonWriter } from "../../src/traffic/json-writer.ts";

const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: -2_000, max: 200_000 }).map((tenths) => tenths / 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.constantFrom(0, 9, 10, 99, 100, 0.1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 0.5, 2 ** 53, 1e21, 5e-324),
);

test("JsonWriter writes texts and numbers as JSON.stringify does", () => {
  const json = new JsonWriter();
  fc.assert(
    fc.property(fc.array(fc.oneof(number, anyText())), (items) => {
      json.hasElements = false;
      json.text("[");
      for (const item of items) {
        json.element();
        if (typeof item === "number") json.number(item);
        else json.text(JSON.stringify(item));
      }
      json.text("]");
      const bytes = json.length;
      const text = json.take();
      assert.equal(text, JSON.stringify(items));
      assert.equal(bytes, Buffer.byteLength(text));
    }),
    { numRuns: runs(300) },
  );
});

test("JsonWriter writes a megabyte, and then begins again", () => {
  const json = new JsonWriter();
  for (let i = 0; i < 100_000; i++) json.text("0123456789");
  assert.equal(json.length, 1_000_000);
  assert.equal(json.take(), "0123456789".repeat(100_000));
  json.text("ö");
  assert.equal(json.take(), "ö");
});

test("JsonWriter writes each bin that has a count, also of latencies outside of what there was", () => {
  const json = new JsonWriter();
  const bins = new Bins();
  bins.reset(-2, 4);
  bins.counts.set([3, 0, 0.5, 1_000]);
  json.bins(bins);
  assert.equal(json.take(), "[[-2,3],[0,0.5],[1,1000]]");
  for (const ms of [0, 1, 1, 3_600_000]) bins.count(ms);
  json.bins(bins);
  assert.equal(json.take(), "[[-155,1],[-2,3],[0,2.5],[1,1000],[511,1]]");
});
