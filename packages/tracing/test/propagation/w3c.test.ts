import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { context, propagation, ROOT_CONTEXT, type SpanContext, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { suppress } from "../../src/context/suppress.ts";
import { B3Propagator } from "../../src/propagation/b3.ts";
import { BaggagePropagator } from "../../src/propagation/baggage.ts";
import { HEADERS, PLAIN } from "../../src/propagation/carriers.ts";
import { CompositePropagator } from "../../src/propagation/composite.ts";
import { JaegerPropagator } from "../../src/propagation/jaeger.ts";
import { W3CPropagator } from "../../src/propagation/w3c.ts";
import { ask, listenAndForward, startTestTracing } from "../helpers/tracing.ts";

const TRACE = "12345678901234567890123456789012";
const PARENT = "1234567890123456";
const VALID = `00-${TRACE}-${PARENT}-01`;

const w3c = new W3CPropagator();
const extract = (headers: IncomingHttpHeaders): SpanContext | undefined =>
  trace.getSpanContext(w3c.extract(ROOT_CONTEXT, headers, HEADERS));

// Trace context level 2, sections 3.2 and 4.3, and the public conformance suite's cases.
const ACCEPTED: [string, string, number][] = [
  ["version 00", VALID, 1],
  ["not sampled", `00-${TRACE}-${PARENT}-00`, 0],
  ["flags this version does not know are not sampled", `00-${TRACE}-${PARENT}-fe`, 0],
  ["all flags", `00-${TRACE}-${PARENT}-ff`, 1],
  ["a later version without more", `cc-${TRACE}-${PARENT}-01`, 1],
  ["a later version with more", `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, 1],
  ["a later version with an empty rest", `cc-${TRACE}-${PARENT}-01-`, 1],
  ["white space around it", ` \t${VALID} `, 1],
];

for (const [what, header, flags] of ACCEPTED) {
  test(`traceparent: ${what} is taken`, () => {
    const found = extract({ traceparent: header });
    assert.equal(found?.traceId, TRACE);
    assert.equal(found?.spanId, PARENT);
    assert.equal(found?.traceFlags, flags);
    assert.equal(found?.isRemote, true);
  });
}

const REFUSED: [string, string][] = [
  ["an empty header", ""],
  ["version ff", `ff-${TRACE}-${PARENT}-01`],
  ["version 00 with more", `${VALID}-what-the-future-will-be-like`],
  ["version 00 with a trailing dash", `${VALID}-`],
  ["version 00 with a trailing dot", `${VALID}.`],
  ["a later version whose rest has no dash", `cc-${TRACE}-${PARENT}-01.what`],
  ["a version of one digit", `0-${TRACE}-${PARENT}-01`],
  ["a version of three digits", `000-${TRACE}-${PARENT}-01`],
  ["a version that is no hexadecimal", `.0-${TRACE}-${PARENT}-01`],
  ["a version in upper case", `CC-${TRACE}-${PARENT}-01`],
  ["a trace id of zeros", `00-${"0".repeat(32)}-${PARENT}-01`],
  ["a trace id with another character", `00-.${TRACE.slice(1)}-${PARENT}-01`],
  ["a trace id in upper case", `00-${"ABCDEF".padEnd(32, "0")}-${PARENT}-01`],
  ["a trace id one digit short", `00-${TRACE.slice(1)}-${PARENT}-01`],
  ["a trace id one digit long", `00-${TRACE}0-${PARENT}-01`],
  ["a parent id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["a parent id with another character", `00-${TRACE}-.${PARENT.slice(1)}-01`],
  ["a parent id in upper case", `00-${TRACE}-${"ABCDEF".padEnd(16, "0")}-01`],
  ["a parent id one digit short", `00-${TRACE}-${PARENT.slice(1)}-01`],
  ["a parent id one digit long", `00-${TRACE}-${PARENT}0-01`],
  ["flags of one digit", `00-${TRACE}-${PARENT}-1`],
  ["flags of three digits", `00-${TRACE}-${PARENT}-001`],
  ["flags that are no hexadecimal", `00-${TRACE}-${PARENT}-.0`],
  ["flags in upper case", `00-${TRACE}-${PARENT}-0A`],
  ["two headers joined", `${VALID}, ${VALID}`],
  ["underscores for dashes", VALID.replaceAll("-", "_")],
];

for (const [what, header] of REFUSED) {
  test(`traceparent: ${what} begins a new trace, and tracestate goes with it`, () => {
    assert.equal(extract({ traceparent: header, tracestate: "foo=1" }), undefined);
  });
}

test("traceparent: tracestate alone is nothing", () => {
  assert.equal(extract({ tracestate: "foo=1" }), undefined);
});

const long = (length: number): string => "v".repeat(length);
const STATES: [string, string, string | undefined][] = [
  ["one member", "foo=1", "foo=1"],
  ["order and text are kept", "foo=1,bar=2,rojo=00f067", "foo=1,bar=2,rojo=00f067"],
  ["white space around members goes", "foo=1 \t , \t bar=2", "foo=1,bar=2"],
  ["empty members are skipped", ",foo=1,,bar=2,", "foo=1,bar=2"],
  ["leading spaces of a value stay", "foo= 1,bar=2", "foo= 1,bar=2"],
  ["nothing but commas", ",,,", undefined],
  ["an empty header", "", undefined],
  ["a key twice stays as it is", "foo=1,foo=2", "foo=1,foo=2"],
  [
    "every character a key may have",
    "abcdefghijklmnopqrstuvwxyz0123456789_-*/=1",
    "abcdefghijklmnopqrstuvwxyz0123456789_-*/=1",
  ],
  ["a key that begins with a digit", "0a=1", "0a=1"],
  ["a tenant key", "tenant@vendor=1", "tenant@vendor=1"],
  ["a key of 256", `${long(256)}=1`, `${long(256)}=1`],
  ["a key of 257", `${long(257)}=1`, undefined],
  ["a key in upper case", "FOO=1", undefined],
  ["a key that begins with an underscore", "_foo=1", undefined],
  ["a key with a dot", "foo.bar=1", undefined],
  ["no key", "=1", undefined],
  ["no equals sign", "foo", undefined],
  ["an empty value", "foo=", undefined],
  ["a value of 256", `foo=${long(256)}`, `foo=${long(256)}`],
  ["a value of 257", `foo=${long(257)}`, undefined],
  ["an equals sign in a value", "foo=bar=baz", undefined],
  [
    "every other printable character in a value",
    "foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~",
    "foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~",
  ],
  ["a character beyond ASCII", "foo=é", undefined],
  ["a control character", "foo=\u0001", undefined],
  ["one bad member drops all", "foo=1,BAR=2", undefined],
  ["32 members", members(32), members(32)],
  ["33 members", members(33), undefined],
];

function members(count: number): string {
  return Array.from({ length: count }, (_, i) => `bar${i}=${i}`).join(",");
}

for (const [what, state, kept] of STATES) {
  test(`tracestate: ${what}`, () => {
    const found = extract({ traceparent: VALID, tracestate: state });
    assert.equal(found?.traceId, TRACE, "traceparent stands whatever tracestate is");
    assert.equal(found?.traceState?.serialize(), kept);
  });
}

test("traceparent: the random flag is carried on when it was received, and never begun", () => {
  const carry = (flags: string): string | undefined => {
    const found = w3c.extract(ROOT_CONTEXT, { traceparent: `00-${TRACE}-${PARENT}-${flags}` }, HEADERS);
    // As a tracer does: the child keeps the trace id, and only the sampled flag.
    const child = trace.setSpanContext(found, {
      traceId: TRACE,
      spanId: "aaaaaaaaaaaaaaaa",
      traceFlags: Number.parseInt(flags, 16) & 1,
    });
    const headers: Record<string, string> = {};
    w3c.inject(child, headers, PLAIN);
    return headers.traceparent?.slice(-2);
  };
  assert.equal(carry("03"), "03");
  assert.equal(carry("02"), "02");
  assert.equal(carry("01"), "01");
  assert.equal(carry("ff"), "03", "bits without a meaning go");
});

test("a service forwards the trace strictly: new parent id, state kept, ours in front, none pushed out", async (t) => {
  await startTestTracing(t);
  const { port, seen } = await listenAndForward(t);
  const forward = async (headers: Record<string, string>): Promise<IncomingHttpHeaders> => {
    await context.with(suppress(ROOT_CONTEXT), () => ask(port, { headers }));
    return seen.at(-1) as IncomingHttpHeaders;
  };

  const kept = await forward({
    traceparent: `00-${TRACE}-${PARENT}-03`,
    tracestate: "foo=1,whodunit=a:b,bar=2",
  });
  const [, traceId, spanId, flags] = String(kept.traceparent).split("-");
  assert.equal(traceId, TRACE);
  assert.notEqual(spanId, PARENT);
  assert.equal(flags, "03");
  assert.equal(kept.tracestate, `whodunit=web:${spanId},foo=1,bar=2`);

  const full = await forward({ traceparent: VALID, tracestate: members(32) });
  assert.equal(full.tracestate, members(32), "no room: ours stays out");

  const bad = await forward({ traceparent: VALID, tracestate: members(33) });
  assert.match(String(bad.tracestate), /^whodunit=web:[0-9a-f]{16}$/);
  assert.match(String(bad.traceparent), new RegExp(`^00-${TRACE}-`));

  const fresh = await forward({ traceparent: `ff-${TRACE}-${PARENT}-01`, tracestate: "foo=1" });
  assert.doesNotMatch(String(fresh.traceparent), new RegExp(TRACE));
  assert.doesNotMatch(String(fresh.tracestate), /foo/);
});

test("100,000 headers of any content make no propagator throw, and none makes an invalid trace", () => {
  const all = new CompositePropagator([
    w3c,
    new BaggagePropagator(),
    new B3Propagator("single"),
    new B3Propagator("multi"),
    new JaegerPropagator(),
  ]);
  const hexish = fc.string({
    unit: fc.constantFrom(..."0123456789abcdefABCDEF-:;,=%_ \t\u00e9\u0000"),
    maxLength: 80,
  });
  const near = fc
    .tuple(
      fc.constantFrom("00", "ff", "cc"),
      fc.constantFrom(TRACE, "0".repeat(32)),
      fc.constantFrom(PARENT, "x"),
      hexish,
    )
    .map((parts) => parts.join("-"));
  const value = fc.oneof(hexish, near, anyText(), fc.array(hexish, { maxLength: 3 }));
  const names = [
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "uber-trace-id",
  ];
  fc.assert(
    fc.property(fc.array(value, { minLength: names.length, maxLength: names.length }), (values) => {
      const headers = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const found = all.extract(ROOT_CONTEXT, headers, HEADERS as never);
      const span = trace.getSpanContext(found);
      if (span !== undefined) assert.ok(trace.isSpanContextValid(span));
      const out: Record<string, string> = {};
      all.inject(found, out, PLAIN);
      for (const text of Object.values(out)) assert.match(text, /^[\x20-\x7e]*$/);
      propagation.getBaggage(found)?.getAllEntries();
    }),
    // Seven headers a run.
    { numRuns: runs(14_300), examples: [[["", "", "0=;0\t0", "", "", "", ""]]] },
  );
});
