import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captureLogs } from "@whodunit/logger/testing";
import { createRedactor } from "@whodunit/redaction";
import fc from "fast-check";
import { runs } from "./helpers/scale.ts";
import { SHOWN_VALUES, STACK } from "./helpers/shown-values.ts";

const redactor = createRedactor();

/** As JSON has it; a stack is any text. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, item) => {
      if (typeof item === "bigint") return String(item);
      return key === "stack" && typeof item === "string" ? STACK : item;
    }),
  );

describe("L9: a log line and redactValue() show alike", () => {
  for (const [what, { make, shown }] of Object.entries(SHOWN_VALUES)) {
    it(`${what}, as a field, in an array, deeper and in a Map`, () => {
      const around: ((value: unknown) => unknown)[] = [
        (value) => ({ field: value }),
        (value) => ({ field: [value] }),
        (value) => ({ field: { deep: value } }),
        (value) => ({ field: new Map([["key", value]]) }),
      ];
      for (const wrap of around) {
        const wanted = plain(redactor.redactValue(wrap(plain(shown))));
        assert.deepEqual(plain(redactor.redactValue(wrap(make()))), wanted, "redactValue");
        const capture = captureLogs();
        capture.logger.error("x", wrap(make()) as object);
        assert.deepEqual(plain({ field: capture.lines[0]?.field }), wanted, "the line");
      }
    });
  }

  it("any plain value, whatever its fields say of one another", () => {
    assertAlike("mask");
  });

  it("any plain value, where secrets are removed", () => {
    assertAlike("remove");
  });
});

function assertAlike(action: "mask" | "remove"): void {
  const names = [
    ...["name", "key", "path", "field", "value", "received", "data", "kind", "password", "token", "id"],
    ...["command", "file", "args", "argv", "spawnargs"],
  ];
  const words = [
    "Secret",
    "auth",
    "AUTH",
    "curl",
    "mysql",
    "-u",
    "-phunter2",
    "--password",
    "hunter2",
    "a",
    "",
  ];
  const texts = ["ada:hunter2", "ada@example.org", "password=hunter2"];
  const word = fc.constantFrom(...names, ...words, ...texts);
  const name = fc.constantFrom(...names);
  const { value } = fc.letrec<{ readonly value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      word,
      fc.constantFrom(7, null, true),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const redactor = createRedactor({ action });
  const capture = captureLogs({ redact: redactor });
  const property = fc.property(value, (any) => {
    capture.clear();
    capture.logger.error("x", { field: any });
    assert.deepEqual(plain({ field: capture.lines[0]?.field }), plain(redactor.redactValue({ field: any })));
  });
  fc.assert(property, { numRuns: runs(1_000) });
}
