import assert from "node:assert/strict";
import { test } from "node:test";
import { createRedactor } from "../../src/index.ts";

const redactor = createRedactor();
const boom = () => {
  throw new RangeError("boom");
};
const throwing = (key: string, fields: object): object =>
  Object.defineProperty({ ...fields }, key, { enumerable: true, get: boom });

test("redactValue() shows what stands beside a name that throws, and still finds the other names", () => {
  assert.deepEqual(redactor.redactValue(throwing("name", { value: "x", type: "field" })), {
    value: "x",
    type: "field",
    name: "[Throws: RangeError]",
  });
  assert.deepEqual(redactor.redactValue(throwing("name", { value: "hunter2", path: "password" })), {
    value: "[Redacted]",
    path: "password",
    name: "[Throws: RangeError]",
  });
});

test("redactValue() shows the words beside an argument that throws, and the arguments beside a command that does", () => {
  const words = ["curl", "-v", "https://example.org"];
  Object.defineProperty(words, 0, { enumerable: true, get: boom });
  assert.deepEqual(redactor.redactValue(words), ["[Throws: RangeError]", "-v", "https://example.org"]);
  assert.deepEqual(redactor.redactValue(throwing("command", { args: ["-v"] })), {
    args: ["-v"],
    command: "[Throws: RangeError]",
  });
});
