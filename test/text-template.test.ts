import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { templateOf as inCommand } from "../packages/cli/src/logs/text-template.ts";
import { templateOf as inLogger } from "../packages/logger/src/gates/text-template.ts";
import { anyText } from "./helpers/any-text.ts";
import { runs } from "./helpers/scale.ts";

// The command imports no package: it has a copy of its own.
test("the logger throttles free text by the template by which the summary counts it", () => {
  const word = fc.oneof(
    anyText({ maxLength: 12 }),
    fc.uuid(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.ipV4(),
    fc.ipV6(),
    fc.emailAddress(),
    fc.string().map((text) => JSON.stringify(text)),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom("order", "failed", "12ms", "worker3", "<*>", "std::vector", "'ada'"),
  );
  const property = fc.property(fc.array(word, { maxLength: 12 }), (words) => {
    const text = words.join(" ");
    assert.equal(inLogger(text), inCommand(text));
    assert.equal(inCommand(inLogger(text)), inLogger(text), "what the summary makes of a line with repeats");
  });
  fc.assert(property, { numRuns: runs(500) });
  assert.equal(inLogger("order 17 failed"), "order <*> failed");
});
