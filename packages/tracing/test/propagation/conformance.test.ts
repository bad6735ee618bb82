import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeaderLines, RELAYS, startHarness } from "../helpers/relay.ts";
import { startTestTracing } from "../helpers/tracing.ts";

/*
 * W3C trace context, level 2, strictly, over real sockets: a relay is sent headers, and what it calls with is
 * looked at. The cases are those of the public conformance suite, told in words of our own.
 */

const TRACE = "12345678901234567890123456789012";
const OTHER = TRACE.replace(/2$/, "1");
const TOO_LONG = `${TRACE}3`;
const PARENT = "1234567890123456";
const VALID = `00-${TRACE}-${PARENT}-01`;
const LATER = VALID.replace("00", "cc");
const UNSAMPLED = `00-${TRACE}-${PARENT}-00`;

interface Call {
  readonly traceId: string;
  readonly parentId: string;
  readonly flags: string;
  /** The members of tracestate, without the relay's own. */
  readonly state: readonly string[];
  readonly members: number;
}

function readCall(headers: HeaderLines): Call {
  const valuesOf = (wanted: string): string[] =>
    headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
  const parents = valuesOf("traceparent");
  assert.equal(parents.length, 1, "one traceparent");
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(parents[0] as string);
  assert.ok(match, `traceparent ${parents[0]}`);
  const [, traceId = "", parentId = "", flags = ""] = match;
  assert.doesNotMatch(traceId, /^0+$/);
  assert.doesNotMatch(parentId, /^0+$/);
  const states = valuesOf("tracestate");
  for (const state of states) assert.notEqual(state, "", "an empty tracestate is not sent");
  const members = states.flatMap((state) => state.split(","));
  return {
    traceId,
    parentId,
    flags,
    state: members.filter((member) => !member.startsWith("whodunit=")),
    members: members.length,
  };
}

type Check = (call: Call) => void;

const goesOn: Check = ({ traceId, parentId }) => {
  assert.equal(traceId, TRACE);
  assert.notEqual(parentId, PARENT);
};
const beginsAnew: Check = ({ traceId, state }) => {
  assert.ok(![TRACE, OTHER, TOO_LONG.slice(1)].includes(traceId), traceId);
  assert.deepEqual(state, []);
};
const keeps =
  (...members: readonly string[]): Check =>
  (call) => {
    goesOn(call);
    assert.deepEqual(call.state, members);
  };
const dropsState: Check = keeps();

const parent = (...values: readonly string[]): HeaderLines => values.map((value) => ["traceparent", value]);
const state = (...values: readonly string[]): HeaderLines => [
  ["traceparent", UNSAMPLED],
  ...values.map((value) => ["tracestate", value] as const),
];
const members = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, i) => `bar${first + i}=${first + i}`).join(",");

const KEY = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
const VALUE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
  .filter((character) => character !== "," && character !== "=")
  .join("");

/** What is sent, and what the call of the relay must be like. */
const CASES: Readonly<Record<string, readonly (readonly [HeaderLines, Check])[]>> = {
  "neither header": [[[], beginsAnew]],
  "traceparent without tracestate": [[parent(VALID), goesOn]],
  "traceparent twice": [
    [parent(VALID.replace(TRACE, OTHER), VALID), beginsAnew],
    [parent(`${LATER.replace(TRACE, OTHER)}-x`, `${LATER}-y`), beginsAnew],
  ],
  "traceparent under another name": [
    [[["trace-parent", VALID]], beginsAnew],
    [[["trace.parent", VALID]], beginsAnew],
  ],
  "traceparent in any letter case": ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"].map(
    (name) => [[[name, VALID]], goesOn] as const,
  ),
  "version 00 with more": [
    [parent(`${VALID}.`), beginsAnew],
    [parent(`${VALID}-what-the-future-will-be-like`), beginsAnew],
  ],
  "version cc": [
    [parent(LATER), goesOn],
    [parent(`${LATER}-what-the-future-will-be-like`), goesOn],
    [parent(`${LATER}.what-the-future-will-be-like`), beginsAnew],
  ],
  "version ff": [[parent(VALID.replace("00", "ff")), beginsAnew]],
  "a version that is no hexadecimal": [
    [parent(VALID.replace("00", ".0")), beginsAnew],
    [parent(VALID.replace("00", "0.")), beginsAnew],
  ],
  "a version too long": [
    [parent(`0${VALID}`), beginsAnew],
    [parent(`00${VALID}`), beginsAnew],
  ],
  "a version too short": [[parent(VALID.slice(1)), beginsAnew]],
  "a trace id of zeros": [[parent(VALID.replace(TRACE, "0".repeat(32))), beginsAnew]],
  "a trace id that is no hexadecimal": [
    [parent(VALID.replace(TRACE, `.${TRACE.slice(1)}`)), beginsAnew],
    [parent(VALID.replace(TRACE, `${TRACE.slice(1)}.`)), beginsAnew],
  ],
  "a trace id too long": [[parent(VALID.replace(TRACE, TOO_LONG)), beginsAnew]],
  "a trace id too short": [[parent(VALID.replace(TRACE, TRACE.slice(0, 31))), beginsAnew]],
  "a parent id of zeros": [[parent(VALID.replace(`-${PARENT}-`, `-${"0".repeat(16)}-`)), beginsAnew]],
  "a parent id that is no hexadecimal": [
    [parent(VALID.replace(`-${PARENT}-`, `-.${PARENT.slice(1)}-`)), beginsAnew],
    [parent(VALID.replace(`-${PARENT}-`, `-${PARENT.slice(1)}.-`)), beginsAnew],
  ],
  "a parent id too long": [[parent(VALID.replace(`-${PARENT}-`, `-${PARENT}7-`)), beginsAnew]],
  "a parent id too short": [[parent(VALID.replace(`-${PARENT}-`, `-${PARENT.slice(1)}-`)), beginsAnew]],
  "flags that are no hexadecimal": [
    [parent(VALID.replace(/01$/, ".0")), beginsAnew],
    [parent(VALID.replace(/01$/, "0.")), beginsAnew],
  ],
  "flags too long": [[parent(`${VALID.slice(0, -2)}001`), beginsAnew]],
  "flags too short": [[parent(`${VALID.slice(0, -2)}1`), beginsAnew]],
  "white space around traceparent": [
    ` ${VALID}`,
    `\t${VALID}`,
    `${VALID} `,
    `${VALID}\t`,
    `\t ${VALID} \t`,
  ].map((value) => [parent(value), goesOn] as const),
  "tracestate without traceparent": [
    [[["tracestate", "foo=1"]], beginsAnew],
    [[["tracestate", "foo=1,bar=2"]], beginsAnew],
  ],
  "both headers": [[state("foo=1,bar=2"), keeps("foo=1", "bar=2")]],
  "tracestate under another name": [
    [[...parent(VALID), ["trace-state", "foo=1"]], dropsState],
    [[...parent(VALID), ["trace.state", "foo=1"]], dropsState],
  ],
  "tracestate in any letter case": ["TraceState", "TrAcEsTaTe", "TRACESTATE"].map(
    (name) => [[...parent(VALID), [name, "foo=1"]], keeps("foo=1")] as const,
  ),
  "an empty tracestate": [
    [state(""), dropsState],
    [state("foo=1", ""), keeps("foo=1")],
    [state("", "foo=1"), keeps("foo=1")],
  ],
  "several tracestate headers": [
    [state("foo=1,bar=2", "rojo=1,congo=2", "baz=3"), keeps("foo=1", "bar=2", "rojo=1", "congo=2", "baz=3")],
  ],
  // Level 2 leaves them as they are, or keeps one.
  "a key twice": [
    [state("foo=1,foo=1"), keeps("foo=1", "foo=1")],
    [state("foo=1,foo=2"), keeps("foo=1", "foo=2")],
    [state("foo=1", "foo=1"), keeps("foo=1", "foo=1")],
    [state("foo=1", "foo=2"), keeps("foo=1", "foo=2")],
  ],
  "all characters a member may have": [
    [state(`${KEY}=${VALUE}`), keeps(`${KEY}=${VALUE}`)],
    [state(`${KEY}@a-z0-9_-*/=${VALUE}`), keeps(`${KEY}@a-z0-9_-*/=${VALUE}`)],
    [state("0foo=1"), keeps("0foo=1")],
  ],
  "white space around members": [
    [state("foo=1 \t , \t bar=2, \t baz=3"), keeps("foo=1", "bar=2", "baz=3")],
    [state("foo=1\t \t,\t \tbar=2,\t \tbaz=3"), keeps("foo=1", "bar=2", "baz=3")],
    ...[" foo=1", "\tfoo=1", "foo=1 ", "foo=1\t", "\t foo=1 \t"].map(
      (value) => [state(value), keeps("foo=1")] as const,
    ),
  ],
  "a key with characters it may not have": ["foo =1", "FOO=1", "foo.bar=1"].map(
    (value) => [state(value), dropsState] as const,
  ),
  // Level 2 has one form of key: the sign may stand anywhere but in front.
  "a key with the sign of a vendor": [
    [state("@foo=1,bar=2"), dropsState],
    [state("foo@=1,bar=2"), keeps("foo@=1", "bar=2")],
    [state("foo@@bar=1,bar=2"), keeps("foo@@bar=1", "bar=2")],
    [state("foo@bar@baz=1,bar=2"), keeps("foo@bar@baz=1", "bar=2")],
  ],
  "32 members and 33": [
    [
      state(members(1, 10), members(11, 20), members(21, 30), members(31, 32)),
      (call) => {
        keeps(...members(1, 32).split(","))(call);
        assert.equal(call.members, 32);
      },
    ],
    [state(members(1, 10), members(11, 20), members(21, 30), members(31, 33)), dropsState],
  ],
  "a key of 256 characters and of 257": [
    [state("foo=1", `${"z".repeat(256)}=1`), keeps("foo=1", `${"z".repeat(256)}=1`)],
    [state("foo=1", `${"z".repeat(257)}=1`), dropsState],
    [state("foo=1", `${"t".repeat(241)}@${"v".repeat(14)}=1`), (call) => assert.equal(call.state.length, 2)],
    [state("foo=1", `${"t".repeat(243)}@${"v".repeat(13)}=1`), dropsState],
    // Level 1 had bounds of its own for what stands before and after the sign.
    [state("foo=1", `${"t".repeat(242)}@v=1`), keeps("foo=1", `${"t".repeat(242)}@v=1`)],
    [state("foo=1", `t@${"v".repeat(15)}=1`), keeps("foo=1", `t@${"v".repeat(15)}=1`)],
  ],
  "a value with characters it may not have": [
    [state("foo=bar=baz"), dropsState],
    [state("foo=,bar=3"), dropsState],
  ],
  "the random flag, received and not": [
    [parent(VALID.replace(/01$/, "03")), ({ flags }) => assert.equal(flags, "03")],
    [
      parent(VALID.replace(/01$/, "02")),
      (call) => {
        goesOn(call);
        assert.equal(call.flags, "02");
      },
    ],
    [parent(VALID), ({ flags }) => assert.equal(flags, "01")],
    [[], ({ flags }) => assert.equal(flags, "01")],
  ],
};

/** Three calls of one request. */
const THREE: Readonly<Record<string, readonly [HeaderLines, (calls: readonly Call[]) => void]>> = {
  "three calls of a valid traceparent": [
    parent(VALID),
    (calls) => {
      for (const { traceId } of calls) assert.equal(traceId, TRACE);
    },
  ],
  "three calls without traceparent": [
    [],
    (calls) => assert.equal(new Set(calls.map((call) => call.traceId)).size, 1),
  ],
  "three calls of an invalid traceparent": [
    parent(VALID.replace(TRACE, "0".repeat(32))),
    (calls) => {
      for (const call of calls) beginsAnew(call);
    },
  ],
};

const COUNT = Object.keys(CASES).length + Object.keys(THREE).length;

for (const [name, start] of Object.entries(RELAYS)) {
  test(`${name}: trace context level 2, strictly, ${COUNT} cases`, async (t) => {
    await startTestTracing(t);
    const send = await startHarness(t, await start());
    assert.equal(COUNT, 41);
    for (const [what, requests] of Object.entries(CASES)) {
      await t.test(what, async () => {
        for (const [headers, check] of requests) {
          const calls = await send(headers);
          assert.equal(calls.length, 1);
          check(readCall(calls[0] as HeaderLines));
        }
      });
    }
    for (const [what, [headers, check]] of Object.entries(THREE)) {
      await t.test(what, async () => {
        const calls = (await send(headers, 3)).map(readCall);
        assert.equal(new Set(calls.map((call) => call.parentId)).size, 3);
        check(calls);
      });
    }
  });
}
