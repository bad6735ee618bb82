import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import type { DetectorList } from "../../src/detect/detector.ts";
import { detectorsFor } from "../../src/detect/detectors.ts";
import { createKeyRules } from "../../src/keys/key-rules.ts";
import type { Kind } from "../../src/kinds.ts";
import { packBits, packRows, packWords, setBits, setRows, setWords } from "../../src/scan/packed-bits.ts";
import { tableWithIp, tableWithoutIp } from "../../src/scan/packed-tables.ts";
import { createTriggerTable, unpackTriggerTable } from "../../src/scan/trigger-table.ts";

const words = fc
  .array(fc.tuple(fc.integer(), fc.integer({ min: 1, max: 300 })), { maxLength: 20 })
  .map((parts) => Int32Array.from(parts.flatMap(([word, count]) => Array<number>(count).fill(word))));

test("setBits() sets what was packed, beside what is set", () => {
  fc.assert(
    fc.property(words, fc.integer(), (packed, before) => {
      const byRuns = new Int32Array(packed.length).fill(before);
      setBits(byRuns, packBits(packed));
      assert.deepEqual(
        byRuns,
        packed.map((word) => word | before),
      );
    }),
    { numRuns: runs(200) },
  );
});

test("setWords() makes an array hold what was packed, whatever it held before", () => {
  fc.assert(
    fc.property(words, fc.integer(), (packed, before) => {
      const unpacked = new Int32Array(packed.length).fill(before);
      setWords(unpacked, packWords(packed));
      assert.deepEqual(unpacked, packed);
    }),
    { numRuns: runs(200) },
  );
});

const WIDTH = 4;
for (const Rows of [Uint8Array, Uint16Array]) {
  const row = fc.array(fc.nat({ max: 2 ** (8 * Rows.BYTES_PER_ELEMENT) - 1 }), {
    minLength: WIDTH,
    maxLength: WIDTH,
  });
  const rows = fc
    .tuple(fc.array(row, { minLength: 1, maxLength: 5 }), fc.array(fc.nat({ max: 4 }), { maxLength: 40 }))
    .map(([different, order]) => Rows.from(order.flatMap((place) => different[place % different.length]!)));

  test(`setRows() makes a ${Rows.name} hold what was packed, whatever it held before`, () => {
    fc.assert(
      fc.property(rows, fc.nat({ max: 255 }), (packed, before) => {
        const unpacked = new Rows(packed.length).fill(before);
        setRows(unpacked, WIDTH, packRows(packed, WIDTH));
        assert.deepEqual(unpacked, packed);
      }),
      { numRuns: runs(200) },
    );
  });
}

test("packRows() refuses more different rows than a byte can number", () => {
  const rows = Uint16Array.from({ length: 257 }, (_, row) => row);
  assert.throws(() => packRows(rows, 1), RangeError);
});

const keys = createKeyRules({ keys: [], safeKeys: [], allowKeys: undefined, wants: () => true });
const wanted = (wants: (kind: Kind) => boolean): DetectorList => detectorsFor(keys, wants, () => false);

for (const [name, packed, wants] of [
  ["tableWithoutIp()", tableWithoutIp, (kind: Kind) => kind !== "ip"],
  ["tableWithIp()", tableWithIp, () => true],
] as const) {
  test(`${name} is the table of these detectors, and asks none whose kind is not wanted`, () => {
    const detectors = wanted(wants);
    const table = createTriggerTable(detectors);
    const unpacked = unpackTriggerTable(packed(), detectors);
    assert.deepEqual(unpacked.pairs, table.pairs);
    const all = new Set(unpacked.pairs);
    for (const group of all) assert.deepEqual(unpacked.groupAt(group), Array.from(table.groupAt(group)));
    assert.deepEqual(unpacked.agreed, table.agreed.subarray(0, unpacked.agreed.length));

    const fewer = wanted((kind) => kind === "jwt");
    const asked = new Set(
      [...all].flatMap((group) => unpackTriggerTable(packed(), fewer).groupAt(group).flat()),
    );
    assert.deepEqual(asked, new Set(fewer.filter((detector) => detector !== undefined)));
  });
}

test("createRedactor() finds a key of the user's own that ends as no other does, and one that does", () => {
  const redactor = createRedactor({ keys: ["flux", "door pin"] });
  assert.equal(redactor.redactText("flux=9f3 door_pin=4711"), "flux=[Redacted] door_pin=[Redacted]");
  assert.equal(createRedactor().redactText("flux=9f3"), "flux=9f3");
});
