import assert from "node:assert/strict";
import test from "node:test";
import { captureLogs } from "@whodunit/logger/testing";
import { withSpan } from "@whodunit/tracing";
import { leakedForms } from "../packages/redaction/test/helpers/marked-texts.ts";
import { startTestTracing } from "../packages/tracing/test/helpers/tracing.ts";

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
// A quote or an escape of the secret's own may be written in more ways than one.
const forms = leakedForms().map((form) => ({ ...form, needles: form.secrets.map(escaped) }));

function leaksIn(written: string, needles: readonly string[]): string[] {
  return needles.filter((needle) => written.includes(needle));
}

test("R4: a log line holds no secret of any form, as its text, as a field, within an error or in a list", () => {
  const found: string[] = [];
  for (const { text, needles } of forms) {
    const capture = captureLogs();
    capture.logger.error("told", { note: text, list: [text], deep: { note: text } });
    capture.logger.error("failed", { err: new Error(text, { cause: new TypeError(text) }) });
    capture.logger.pino.error(text);
    capture.logger.pino.error({ note: text }, "told");
    assert.equal(capture.lines.length, 4);
    if (leaksIn(capture.text, needles).length > 0) found.push(text);
  }
  assert.deepEqual(found, []);
});

test("R4: an exported span holds no secret of any form, as its attribute, in its log or as the error that it failed with", async (t) => {
  const { tracing, receiver } = await startTestTracing(t);
  for (const { text } of forms) {
    const failing = withSpan("ask", async (span) => {
      span.setTag("note", text).log({ event: "told", note: text });
      throw new Error(text);
    });
    await assert.rejects(failing);
  }
  await tracing.flush();
  const written = Buffer.concat(receiver.bodies).toString();
  assert.equal(receiver.spans.length, forms.length);
  // In Protobuf nothing is escaped. What stays of one form may be a word of another.
  const found = forms.filter(({ secrets }) =>
    secrets.some((secret) => secret.length > 6 && written.includes(secret)),
  );
  assert.deepEqual(found, []);
});
