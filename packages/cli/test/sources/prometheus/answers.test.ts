import assert from "node:assert/strict";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../../test/helpers/scale.ts";
import { StoreClient } from "../../../src/sources/prometheus/client.ts";
import { ResultCutter } from "../../../src/sources/prometheus/result-cutter.ts";
import { serve } from "../../helpers/fake-service.ts";

/** What is cut out of a text that comes in such parts, and what is left. */
function cut(text: string, sizes: readonly number[]): { results: unknown[]; rest: string } {
  const results: unknown[] = [];
  const cutter = new ResultCutter((metric, result) => {
    results.push({ metric: JSON.parse(metric), ...JSON.parse(result) });
  });
  const bytes = Buffer.from(text);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const to = at + sizes[i % sizes.length]!;
    cutter.push(bytes.subarray(at, to));
    at = to;
  }
  return { results, rest: cutter.end() };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const marks = ['{"metric":', '},"value', "]}]"];
const hostile = fc
  .array(fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "a", "é", "\n", ...marks))
  .map((parts) => parts.join(""));
const metric = fc.dictionary(fc.constantFrom("__name__", "a", "b", "metric", "value"), hostile);
const point = fc.tuple(fc.integer(), fc.constantFrom("0", "1.5e9", "NaN", "+Inf"));
const RESULTS = {
  vector: fc.record({ metric, value: point }),
  matrix: fc.record({ metric, values: fc.array(point) }),
};

for (const [resultType, result] of Object.entries(RESULTS)) {
  test(`ResultCutter gives each result of a ${resultType}, however it comes in parts, and leaves the rest as it was`, () => {
    const answer = fc.record({
      status: fc.constantFrom("success", "error"),
      data: fc.record({
        resultType: fc.constant(resultType),
        result: fc.array<unknown>(result, { maxLength: 5 }),
        stats: hostile,
      }),
      warnings: fc.array(hostile, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(answer, sizes, (one, parts) => {
        const text = JSON.stringify(one);
        const whole = JSON.parse(text) as typeof one;
        const { results, rest } = cut(text, parts);
        assert.deepEqual(results, whole.data.result);
        assert.deepEqual(JSON.parse(rest), { ...whole, data: { ...whole.data, result: [] } });
      }),
      { numRuns: runs(2_000) },
    );
  });
}

test("ResultCutter leaves what has no results, and an answer that is broken off is no JSON", () => {
  fc.assert(
    fc.property(fc.json(), sizes, (text, parts) => {
      assert.deepEqual(cut(text, parts), { results: [], rest: text });
    }),
    { numRuns: runs(500) },
  );
  const whole = JSON.stringify({
    data: {
      result: [
        { metric: { a: "b" }, value: [1, "2"] },
        { metric: { a: "]}]" }, value: [1, "2"] },
      ],
    },
  });
  for (let to = 1; to < whole.length; to++)
    assert.throws(() => JSON.parse(cut(whole.slice(0, to), [7]).rest), `${to}`);
});

test("StoreClient reads a series whatever order and form its labels stand in, and gives one object for all that is told of it", async (t) => {
  const series = { __name__: "up", a: "<b>", c: '},"value":[1,"7"]' };
  const turned = Object.fromEntries(Object.entries(series).reverse());
  const value = [0, "1"];
  const forms: Readonly<Record<string, string>> = {
    usual: JSON.stringify({ metric: series, value }),
    escaped: JSON.stringify({ metric: series, value }).replaceAll("<", "\\u003c"),
    turned: JSON.stringify({ metric: turned, value }),
    valueFirst: JSON.stringify({ value, metric: series }),
    spaced: JSON.stringify({ metric: turned, value }, null, 2),
  };
  const { url } = await serve(t, async (request, response) => {
    const form = forms[new URLSearchParams(await textOf(request)).get("query") ?? ""];
    response.end(`{"status":"success","data":{"resultType":"vector","result":[${form},${form}]}}`);
  });
  const client = new StoreClient({ url });
  const told = (await Promise.all(Object.keys(forms).map((name) => client.instant(name, 0)))).flat();
  assert.equal(told.length, 10);
  for (const one of told) {
    assert.deepEqual(one, { labels: series, value: 1 });
    assert.equal(one.labels, told[0]!.labels);
  }
});
