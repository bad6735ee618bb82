import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { createRedactor } from "@whodunit/redaction";
import { serialiserOf } from "@whodunit/redaction/serialiser";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { SpanEncoder } from "../../src/export/encode-span.ts";
import { ProtobufWriter } from "../../src/export/protobuf.ts";
import { withSpan } from "../../src/index.ts";
import type { EndedSpan } from "../../src/provider/ended-span.ts";
import type { SpanValue } from "../../src/provider/value.ts";
import { startTestTracing } from "../helpers/tracing.ts";

const KEY = "0123456789abcdef0123";
const SPAN: EndedSpan = {
  scope: { name: "test", version: "" },
  name: "",
  kind: SpanKind.INTERNAL,
  parent: undefined,
  startMs: 0,
  endMs: 1,
  attributes: [],
  droppedAttributes: 0,
  events: [],
  droppedEvents: 0,
  links: [],
  droppedLinks: 0,
  statusCode: SpanStatusCode.UNSET,
  statusMessage: "",
  spanContext: () => ({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }),
};

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
      `SELECT ${"a, ".repeat(60)}b FROM orders`,
      "y".repeat(1_100),
      `${"z ".repeat(80)}ann@example.com`,
    ),
    fc.integer(),
    fc.double(),
    anyText({ maxLength: 50 }),
    fc.array(anyText()),
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
    for (const value of ["ann@example.com", `${"z ".repeat(80)}ann@example.com`]) {
      const writer = new ProtobufWriter(4_096);
      encoder.attributes(writer, 0x4a, ["contact", value]);
      assert.ok(!writer.copy().includes("ann@example.com"));
    }
  }
  assert.equal(redactor.counts().email, 10);
});

test("SpanEncoder looks a statement that comes again through once, as long as most are", () => {
  const redactor = serialiserOf(createRedactor());
  const looked: string[] = [];
  const encoder = new SpanEncoder({
    ...redactor,
    inspect: (text) => {
      looked.push(text);
      return redactor.inspect(text);
    },
  });
  const statement = `SELECT ${"a, ".repeat(200)}b FROM orders`;
  for (let i = 0; i < 5; i++)
    encoder.attributes(new ProtobufWriter(4_096), 0x4a, ["db.query.text", statement]);
  assert.equal(looked.filter((text) => text === statement).length, 1);
});

test("SpanEncoder writes a name that comes again as the first time, and redacts and counts one with a secret each time", () => {
  const redactor = serialiserOf(createRedactor());
  const kept = new SpanEncoder(redactor);
  const bytes = (encoder: SpanEncoder, name: string, capacity: number): Buffer | undefined => {
    const writer = new ProtobufWriter(capacity);
    encoder.encode({ ...SPAN, name }, writer);
    return writer.overflowed ? undefined : writer.copy();
  };
  fc.assert(
    fc.property(
      fc.oneof(anyText(), fc.constantFrom("GET /users/:id", "n".repeat(200), "ü")),
      fc.integer({ min: 1, max: 600 }),
      (name, capacity) => {
        for (let i = 0; i < 3; i++)
          assert.deepEqual(bytes(kept, name, capacity), bytes(new SpanEncoder(redactor), name, capacity));
      },
    ),
    { numRuns: runs(500) },
  );
  const before = redactor.counts().email ?? 0;
  for (let i = 0; i < 5; i++)
    assert.doesNotMatch(`${bytes(kept, "mail ann@example.com", 4_096)}`, /ann@example\.com/);
  assert.equal(redactor.counts().email, before + 5);
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
