import assert from "node:assert/strict";
import { test } from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { serialiserOf } from "@whodunit/redaction/serialiser";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { SpanEncoder } from "../../src/export/encode-span.ts";
import { ProtobufWriter } from "../../src/export/protobuf.ts";
import { withSpan } from "../../src/index.ts";
import type { SpanValue } from "../../src/provider/value.ts";
import { startTestTracing } from "../helpers/tracing.ts";

const KEY = "0123456789abcdef0123";
test("SpanEncoder writes what it has kept as an encoder that keeps nothing writes it", () => {
  const redactor = serialiserOf(createRedactor());
  const kept = new SpanEncoder(redactor);
  const bytes = (
    encoder: SpanEncoder,
    attributes: readonly SpanValue[],
    capacity: number,
  ): Buffer | undefined => {
    const writer = new ProtobufWriter(capacity);
    encoder.attributes(writer, 0x4a, attributes);
    return writer.overflowed ? undefined : writer.copy();
  };
  const value = fc.oneof(
    fc.constantFrom<SpanValue>(
      "GET",
      "/users/:id",
      200,
      0,
      true,
      false,
      null,
      "ann@example.com",
      "ü",
      "x".repeat(60),
    ),
    fc.integer(),
    fc.double(),
    fc.string({ maxLength: 50 }),
    fc.array(fc.string()),
  );
  const key = fc.constantFrom("http.route", "url.path", "password", "k".repeat(90));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), fc.integer({ min: 1, max: 4_096 }), (pairs, capacity) => {
      const attributes = pairs.flat() as SpanValue[];
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(
          bytes(kept, attributes, capacity),
          bytes(new SpanEncoder(redactor), attributes, capacity),
        );
      }
    }),
    { numRuns: runs(500) },
  );
});

test("SpanEncoder counts what it redacts each time, and keeps none of it", () => {
  const redactor = serialiserOf(createRedactor());
  const encoder = new SpanEncoder(redactor);
  for (let i = 0; i < 5; i++) {
    const writer = new ProtobufWriter(4_096);
    encoder.attributes(writer, 0x4a, ["contact", "ann@example.com"]);
    assert.ok(!writer.copy().includes("ann@example.com"));
  }
  assert.equal(redactor.counts().email, 5);
});

test("SpanEncoder writes stand-ins longer than the secret: what follows can be read", async (t) => {
  for (const redact of [
    { mask: "*".repeat(40) },
    { kinds: { email: "pseudonym" }, pseudonymKey: KEY },
  ] as const) {
    await t.test(Object.keys(redact).join(), async (t) => {
      const { spans } = await startTestTracing(t, { redact });
      for (let count = 1; count <= 8; count++) {
        const to = Array.from({ length: count }, (_, i) => `${"abcdefgh"[i]}@b.co`);
        withSpan("mail", { tags: { to: to.join(","), all: to } }, () => {});
      }
      const found = await spans();
      assert.equal(found.length, 8);
      for (const { attributes } of found) {
        assert.equal(String(attributes.to), String(attributes.all));
        assert.doesNotMatch(String(attributes.to), /@b\.co/);
      }
    });
  }
});
