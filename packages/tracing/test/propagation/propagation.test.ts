import assert from "node:assert/strict";
import { test } from "node:test";
import { context, propagation, ROOT_CONTEXT, type SpanContext, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { extractMessage, injectMessage, withSpan } from "../../src/index.ts";
import { B3Propagator } from "../../src/propagation/b3.ts";
import { parseBaggage, serialiseBaggage } from "../../src/propagation/baggage.ts";
import { BAGGAGE_PREFIXES } from "../../src/propagation/baggage-prefixes.ts";
import { callerName, callerOf, hideFromStranger, stampCaller } from "../../src/propagation/caller.ts";
import { HEADERS, injectInto, PLAIN, writeHeaders } from "../../src/propagation/carriers.ts";
import { propagatorsOf } from "../../src/propagation/choose.ts";
import { CompositePropagator } from "../../src/propagation/composite.ts";
import { JaegerPropagator } from "../../src/propagation/jaeger.ts";
import { PRIVATE_HOSTS } from "../../src/propagation/private-hosts.ts";
import { StrictTraceState } from "../../src/propagation/tracestate.ts";
import { trustedHosts } from "../../src/propagation/trusted-hosts.ts";
import { recordTracing } from "../../src/testing.ts";

const TRACE = "80f198ee56343ba864fe8b2a57d3eff7";
const SPAN = "e457b5a2e4d86bd1";
const SPAN_CONTEXT: SpanContext = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };

const b3 = (headers: Record<string, string>): SpanContext | undefined =>
  trace.getSpanContext(new B3Propagator("single").extract(ROOT_CONTEXT, headers, HEADERS));

// The README of openzipkin/b3-propagation.
test("B3 single: trace, span, state and an unused parent", () => {
  assert.deepEqual(b3({ b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` }), { ...SPAN_CONTEXT, isRemote: true });
  assert.equal(b3({ b3: `${TRACE}-${SPAN}` })?.traceFlags, 0, "a decision left open");
  assert.equal(b3({ b3: `${TRACE}-${SPAN}-0` })?.traceFlags, 0);
  assert.equal(b3({ b3: `${TRACE}-${SPAN}-d` })?.traceFlags, 1);
  assert.equal(b3({ b3: "0" }), undefined, "a decision alone is no parent");
  assert.equal(b3({ b3: "d" }), undefined);
  assert.equal(b3({ b3: `${TRACE}-${SPAN}-2` }), undefined);
  assert.equal(b3({ b3: `${"0".repeat(32)}-${SPAN}-1` }), undefined);
});

test("B3: 64-bit trace ids are padded, the single header goes before the many", () => {
  assert.equal(b3({ b3: `${TRACE.slice(16)}-${SPAN}-1` })?.traceId, `${"0".repeat(16)}${TRACE.slice(16)}`);
  const multi = { "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1" };
  assert.deepEqual(b3(multi), { ...SPAN_CONTEXT, isRemote: true });
  assert.equal(b3({ ...multi, b3: `${"1".repeat(32)}-${SPAN}-1` })?.traceId, "1".repeat(32));
  assert.equal(b3({ ...multi, "x-b3-sampled": "true" })?.traceFlags, 1);
  assert.equal(b3({ ...multi, "x-b3-sampled": "0", "x-b3-flags": "1" })?.traceFlags, 1, "debug wins");
  assert.equal(b3({ ...multi, "x-b3-spanid": "short" }), undefined);
});

test("B3: a decision without ids begins a trace that follows it, in all its spans", (t) => {
  const recorder = recordTracing({ sampleRatio: 0.5 });
  t.after(() => recorder.close());
  const begun = (headers: Record<string, string>): number => {
    recorder.clear();
    const from = new B3Propagator("multi").extract(ROOT_CONTEXT, headers, HEADERS);
    assert.equal(trace.getSpanContext(from), undefined, "no parent");
    context.with(from, () => {
      for (let i = 0; i < 20; i++) withSpan("root", () => withSpan("child", () => {}));
    });
    return recorder.spans.length;
  };
  const always: Record<string, string>[] = [
    { b3: "1" },
    { b3: "d" },
    { "x-b3-sampled": "1" },
    { "x-b3-sampled": "true" },
    { "x-b3-flags": "1" },
    { "x-b3-sampled": "0", "x-b3-flags": "1" },
  ];
  for (const headers of always) assert.equal(begun(headers), 40, JSON.stringify(headers));
  const never: Record<string, string>[] = [
    { b3: "0" },
    { "x-b3-sampled": "0" },
    { "x-b3-sampled": "false" },
    { b3: "0", "x-b3-sampled": "1" },
  ];
  for (const headers of never) assert.equal(begun(headers), 0, JSON.stringify(headers));
  for (const headers of [{}, { b3: "2" }, { "x-b3-sampled": "yes" }] as Record<string, string>[]) {
    const some = begun(headers);
    assert.ok(some > 0 && some < 40, JSON.stringify(headers));
  }
});

test("B3: ids without a decision leave it to this service, for all spans of the trace here", (t) => {
  const recorder = recordTracing({ sampleRatio: 0.5 });
  t.after(() => recorder.close());
  const served = (traceId: string): number => {
    recorder.clear();
    const headers = { "x-b3-traceid": traceId, "x-b3-spanid": SPAN };
    const from = new B3Propagator("multi").extract(ROOT_CONTEXT, headers, HEADERS);
    context.with(from, () => withSpan("served", () => withSpan("child", () => {})));
    return recorder.spans.length;
  };
  assert.equal(served(`${"0".repeat(31)}1`), 2, "by its id this trace is in the share");
  assert.equal(served(`${"0".repeat(24)}ffffffff`), 0);
});

test("B3 inject writes the header it was made for, and carries debug on", () => {
  const write = (encoding: "single" | "multi", from = trace.setSpanContext(ROOT_CONTEXT, SPAN_CONTEXT)) => {
    const headers: Record<string, string> = {};
    new B3Propagator(encoding).inject(from, headers, PLAIN);
    return headers;
  };
  assert.deepEqual(write("single"), { b3: `${TRACE}-${SPAN}-1` });
  assert.deepEqual(write("multi"), { "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1" });
  const debug = new B3Propagator("single").extract(ROOT_CONTEXT, { b3: `${TRACE}-${SPAN}-d` }, HEADERS);
  assert.deepEqual(write("single", debug), { b3: `${TRACE}-${SPAN}-d` });
  assert.deepEqual(write("multi", debug), { "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-flags": "1" });
});

test("Jaeger: reads short ids and percent-encoded colons, and its baggage; writes what it reads", () => {
  const jaeger = new JaegerPropagator();
  const read = (header: string, more = {}) =>
    jaeger.extract(ROOT_CONTEXT, { "uber-trace-id": header, ...more }, HEADERS);
  const short = trace.getSpanContext(read("f7:1:0:1"));
  assert.equal(short?.traceId, "f7".padStart(32, "0"));
  assert.equal(short?.spanId, "1".padStart(16, "0"));
  assert.equal(trace.getSpanContext(read(`${TRACE}%3A${SPAN}%3A0%3A3`))?.traceFlags, 1);
  for (const bad of ["", "f7:1:0", "0:0:0:1", "xyz:1:0:1", `${TRACE}0:1:0:1`]) {
    assert.equal(trace.getSpanContext(read(bad)), undefined, bad);
  }
  const full = read(`${TRACE}:${SPAN}:0:1`, { "uberctx-tenant": "a%20b" });
  assert.equal(propagation.getBaggage(full)?.getEntry("tenant")?.value, "a b");
  const headers: Record<string, string> = {};
  jaeger.inject(full, headers, PLAIN);
  assert.deepEqual(headers, { "uber-trace-id": `${TRACE}:${SPAN}:0:1`, "uberctx-tenant": "a%20b" });
});

test("baggage: what is written is read again, whatever the values", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,10}$/);
  fc.assert(
    fc.property(fc.dictionary(key, anyText({ maxLength: 20 }), { maxKeys: 20 }), (values) => {
      const entries = Object.entries(values).map(([name, value]) => [name, { value }] as const);
      const header = serialiseBaggage(entries);
      const read = parseBaggage(header) ?? {};
      const plain = Object.fromEntries(Object.entries(read).map(([name, entry]) => [name, entry.value]));
      const sent = Object.entries(values).map(([name, value]) => [name, value.toWellFormed()] as const);
      assert.deepEqual({ ...plain }, Object.fromEntries(sent));
    }),
  );
});

test("baggage: limits, bad pairs, properties and text that encodes nothing", () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, { value: "v" }]));
  assert.equal(serialiseBaggage(Object.entries(many)).split(",").length, 180);
  const large = [["a", { value: "x".repeat(9_000) }] as const, ["b", { value: "1" }] as const];
  assert.ok(serialiseBaggage(large).length <= 8_192);
  assert.equal(parseBaggage(`a=${"x".repeat(9_000)}`), undefined);
  assert.deepEqual(Object.keys(parseBaggage("a=1, =2, b , c d=3, e=4;p=5") ?? {}), ["a", "e"]);
  assert.equal(parseBaggage("e=4;p=5;q")?.e?.metadata?.toString(), "p=5;q");
  assert.equal(parseBaggage("a=100%")?.a?.value, "100%");
  assert.equal(parseBaggage(""), undefined);
});

test("callerOf() believes a name only for its own hop", () => {
  const remote = (member: string): SpanContext => ({
    ...SPAN_CONTEXT,
    traceState: new StrictTraceState([`whodunit=${member}`]),
  });
  assert.equal(callerOf(remote(`web:${SPAN}`)), "web");
  assert.equal(callerOf(remote("web:aaaaaaaaaaaaaaaa")), "unknown");
  assert.equal(callerOf(remote(`:${SPAN}`)), "unknown");
  assert.equal(callerOf(remote(`we b:${SPAN}`)), "unknown");
  assert.equal(callerOf(remote(`a:b:${SPAN}`)), "unknown");
  assert.equal(callerOf(remote(SPAN)), "unknown");
  assert.equal(callerOf(SPAN_CONTEXT), "unknown");
  assert.equal(callerOf(undefined), "unknown");
  assert.equal(callerName("My Service, EU"), "my_service_eu");
  assert.equal(callerName("team/web"), "team/web");
});

test("stampCaller() writes our name in front of what others wrote, in place of a stale one", () => {
  const own = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: "foo=1,whodunit=old:1" };
  stampCaller(own, "web");
  assert.equal(own.tracestate, `whodunit=web:${SPAN},foo=1`);
  const nothing = {};
  stampCaller(nothing, "web");
  assert.deepEqual(nothing, {}, "without a trace there is no hop to name");
});

test("hideFromStranger() takes our name, a stale one and every baggage out of a stranger's headers", () => {
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  const stranger = {
    traceparent,
    tracestate: "foo=1,whodunit=old:1",
    baggage: "a=1",
    "uberctx-tenant": "acme",
  };
  hideFromStranger(stranger, BAGGAGE_PREFIXES);
  assert.deepEqual(stranger, { traceparent, tracestate: "foo=1" });
  const only = { traceparent, tracestate: "whodunit=old:1" };
  hideFromStranger(only, BAGGAGE_PREFIXES);
  assert.deepEqual(only, { traceparent });
});

test("trustedHosts() takes loopback, private and cluster names for our own by default", () => {
  const trusts = trustedHosts(PRIVATE_HOSTS);
  const own = [
    ...["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1", "web", "WEB"],
    ...["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fe80::1"],
    ...["orders.default.svc", "orders.default.svc.cluster.local", "db.internal", "db.internal."],
  ];
  for (const host of own) assert.equal(trusts(host), true, host);
  const others = [
    "example.com",
    "172.15.0.1",
    "172.32.0.1",
    "11.0.0.1",
    "8.8.8.8",
    "169.254.169.254",
    "metadata.google.internal",
    "metadata",
    "2001:db8::1",
    "evilinternal.com",
    "",
  ];
  for (const host of others) assert.equal(trusts(host), false, host);
  const custom = trustedHosts([".example.com", "partner.test", "loopback"]);
  assert.deepEqual(
    ["api.example.com", "example.com", "partner.test", "a.partner.test", "127.0.0.1", "10.0.0.1"].map(custom),
    [true, false, true, false, true, false],
  );
});

test("OTEL_PROPAGATORS: names in order, none, and what is not there is refused", () => {
  const names = (text?: string) =>
    propagatorsOf({ OTEL_PROPAGATORS: text }).map((one) => one.constructor.name);
  assert.deepEqual(names(), ["W3CPropagator", "BaggagePropagator"]);
  assert.deepEqual(names("b3, jaeger,b3"), ["B3Propagator", "JaegerPropagator"]);
  assert.deepEqual(names("none"), []);
  assert.throws(() => names("xray"), /OTEL_PROPAGATORS is "xray", want a list of tracecontext/);
  assert.throws(() => names("toString"), /OTEL_PROPAGATORS/);
});

const CARRIERS: Record<string, () => object> = {
  "a plain object": () => ({ "Content-Type": "text/plain" }),
  Headers: () => new Headers({ accept: "*/*" }),
  "a Map": () => new Map([["accept", "*/*"]]),
  "raw headers": () => ["Accept", "*/*", "Traceparent", "stale"],
  "Kafka headers": () => ({ key: Buffer.from("v") }),
  "AMQP properties": () => ({ contentType: "text/plain", headers: { "x-retry": 1 } }),
};

for (const [name, make] of Object.entries(CARRIERS)) {
  test(`injectMessage() and extractMessage() carry trace, baggage and caller in ${name}`, async (t) => {
    const recorder = recordTracing({ service: "shop" });
    t.after(() => recorder.close());
    const carrier = withSpan("send", (span) => {
      span.setBaggageItem("tenant", "a b");
      return injectMessage(make());
    });
    const [sent] = recorder.spans;
    const { childOf } = extractMessage(carrier);
    assert.equal(childOf?.toTraceId(), sent?.traceId);
    assert.equal(childOf?.toSpanId(), sent?.spanId);
    assert.equal(childOf?.baggage()?.getEntry("tenant")?.value, "a b");
    assert.equal(callerOf(childOf?.otel), "shop");
    assert.deepEqual(extractMessage(make()), { childOf: undefined, references: [] });
  });
}

test("every propagator reads from every carrier what it wrote into it", () => {
  const hex = (length: number) =>
    fc
      .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length })
      .filter((id) => !/^0+$/.test(id));
  const key = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  const makers = Object.values(CARRIERS);
  const words = ["tracecontext,baggage", "b3", "b3multi", "jaeger", "tracecontext,baggage,b3multi,jaeger"];
  fc.assert(
    fc.property(
      fc.constantFrom(...words),
      fc.constantFrom(...makers),
      hex(32),
      hex(16),
      fc.boolean(),
      fc.dictionary(key, anyText({ minLength: 1, maxLength: 12 }), { maxKeys: 4 }),
      (word, make, traceId, spanId, sampled, values) => {
        propagation.setGlobalPropagator(new CompositePropagator(propagatorsOf({ OTEL_PROPAGATORS: word })));
        try {
          const entries = Object.entries(values).map(([name, value]) => [name, { value }] as const);
          const baggage = propagation.createBaggage(Object.fromEntries(entries));
          const sent = propagation.setBaggage(
            trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number(sampled) }),
            baggage,
          );
          const carrier = make();
          const headers: Record<string, string> = {};
          injectInto(sent, headers);
          writeHeaders(carrier, headers);
          const found = extractMessage(carrier).childOf;
          assert.equal(found?.toTraceId(), traceId);
          assert.equal(found?.toSpanId(), spanId);
          assert.equal(found?.otel.traceFlags, Number(sampled));
          if (word.startsWith("b3")) return;
          for (const [name, value] of Object.entries(values)) {
            assert.equal(found?.baggage()?.getEntry(name)?.value, value.toWellFormed());
          }
        } finally {
          propagation.disable();
        }
      },
    ),
    { numRuns: runs(2_000) },
  );
});

test("extractMessage() reads Kafka's Buffers; a batch has links to every trace in it", (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  const buffers = (id: string) => ({ traceparent: Buffer.from(`00-${id.repeat(32)}-${SPAN}-01`) });
  assert.equal(extractMessage(buffers("a")).childOf?.toTraceId(), "a".repeat(32));
  const batch = extractMessage(buffers("a"), {}, buffers("b"));
  assert.equal(batch.childOf, undefined);
  withSpan("process", { references: batch.references }, () => {});
  const [span] = recorder.spans;
  assert.deepEqual(
    span?.links.map((link) => link.traceId),
    ["a".repeat(32), "b".repeat(32)],
  );
  assert.equal(span?.parentSpanId, undefined);
  assert.doesNotThrow(() => extractMessage(null as never, 7 as never, "x" as never));
  assert.doesNotThrow(() => injectMessage(null as never));
});
