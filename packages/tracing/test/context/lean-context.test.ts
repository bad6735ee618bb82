import assert from "node:assert/strict";
import { test } from "node:test";
import { createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import fc from "fast-check";
import { LEAN_ROOT } from "../../src/context/lean-context.ts";

const KEYS = ["a", "b", "c"].map((name) => createContextKey(name));

test("LEAN_ROOT: contexts made from it do what those made from ROOT_CONTEXT do", () => {
  const step = fc.record({
    key: fc.constantFrom(...KEYS),
    value: fc.constantFrom(1, undefined, null, ...KEYS),
  });
  const steps = fc.array(fc.oneof(step, fc.record({ gone: fc.constantFrom(...KEYS) })), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (all) => {
      let lean = LEAN_ROOT;
      let stock = ROOT_CONTEXT;
      for (const one of all) {
        const before = KEYS.map((key) => lean.getValue(key));
        const was = lean;
        lean = "gone" in one ? lean.deleteValue(one.gone) : lean.setValue(one.key, one.value);
        stock = "gone" in one ? stock.deleteValue(one.gone) : stock.setValue(one.key, one.value);
        for (const key of KEYS) assert.equal(lean.getValue(key), stock.getValue(key));
        assert.deepEqual(
          KEYS.map((key) => was.getValue(key)),
          before,
          "a context does not change",
        );
      }
    }),
  );
});
