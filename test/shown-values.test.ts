import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captureLogs } from "@whodunit/logger/testing";
import { createRedactor } from "@whodunit/redaction";
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
});
