import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { canonicalHost, isInside, isLoopback } from "../../src/sources/live/host.ts";

const INSIDE = [
  ["loopback", "localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "[::1]", "::1", "0:0:0:0:0:0:0:1"],
  ["loopback by number", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1."],
  ["loopback mapped", "::ffff:127.0.0.1", "[::ffff:7f00:1]", "0:0:0:0:0:ffff:127.0.0.1"],
  ["private", "10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.1.1", "167772161", "0xa.1"],
  ["private, IPv6", "[fd00::1]", "fc00::1", "fe80::1", "febf::1", "fe80::1%eth0", "::ffff:192.168.0.1"],
  [
    "names",
    "voting",
    "voting.",
    "voting.svc",
    "VOTING.SVC.",
    "voting.prod.svc",
    "bücher.internal",
    "voting．svc",
  ],
  ["cluster and office", "voting.prod.svc.cluster.local", "db.local", "web.internal", "web.localhost"],
] as const;

const OUTSIDE = [
  ["metadata of clouds", "169.254.169.254", "2852039166", "169.254.170.2", "::ffff:169.254.169.254"],
  ["metadata of clouds, IPv6", "[fd00:ec2::254]", "fd00:ec2::23", "fd20:ce::254"],
  ["metadata of clouds by name", "metadata.google.internal", "METADATA.google.internal.", "metadata"],
  ["metadata of clouds by name, AWS", "instance-data", "instance-data.ec2.internal"],
  [
    "G3",
    "x.svc.evil.com",
    "voting.prod.svc.evil.com",
    "x.svc.evil.com.",
    "svc.evil.com",
    "x.svc.cluster.local.evil.com",
  ],
  [
    "suffixes in the middle",
    "local.example.com",
    "x.internal.evil.org",
    "x.localhost.evil.org",
    "xsvc.com",
    "a.svcx",
  ],
  [
    "names that begin as addresses",
    "127.0.0.1.nip.io",
    "10.0.0.1.evil.com",
    "10.0.evil.com",
    "localhost.evil.com",
  ],
  [
    "public",
    "api.stripe.com",
    "8.8.8.8",
    "172.15.9.9",
    "172.32.0.1",
    "192.169.0.1",
    "11.0.0.1",
    "134744072",
    "128.0.0.1",
  ],
  [
    "public, IPv6",
    "[2001:db8::1]",
    "fc::1",
    "fe::1",
    "fec0::1",
    "ff02::1",
    "::ffff:8.8.8.8",
    "::2",
    "64:ff9b::7f00:1",
  ],
  ["other scripts", "evil。com", "evil．com", "ｅｖｉｌ．ｃｏｍ", "x.svc。evil.com"],
  [
    "no host",
    "",
    ".",
    "..",
    "a..svc",
    ".svc",
    "x.svc@evil.com",
    "evil.com#.svc",
    "evil.com/.svc",
    "evil.com\\.svc",
  ],
  [
    "no host either",
    "evil.com%2f.svc",
    "x svc",
    "a.svc:80",
    "256.0.0.1",
    "1.2.3.4.5",
    "[::1",
    "evil.com?.local",
  ],
] as const;

for (const [kind, ...hosts] of INSIDE)
  test(`isInside() takes ${kind} for inside, however it is written`, () => {
    for (const host of hosts) assert.equal(isInside(host), true, host);
  });

for (const [kind, ...hosts] of OUTSIDE)
  test(`isInside() takes ${kind} for outside: who is there is never asked unasked`, () => {
    for (const host of hosts) assert.equal(isInside(host), false, host);
  });

test("isLoopback() knows this machine by every form of its address, and nobody else", () => {
  for (const host of INSIDE.slice(0, 3).flatMap(([, ...hosts]) => hosts))
    assert.equal(isLoopback(host), true, host);
  for (const host of [
    "10.0.0.1",
    "localhost.evil.com",
    "web.localhost",
    "::2",
    "::ffff:128.0.0.1",
    "127.0.0.1.nip.io",
  ])
    assert.equal(isLoopback(host), false, host);
});

test("isInside() is never led astray by what stands before a name of others", () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const inside = fc.constantFrom(
    "svc",
    "local",
    "internal",
    "localhost",
    "10.0.0.1",
    "127.0.0.1",
    "cluster.local",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(label, inside), { maxLength: 5 }), (labels) => {
      assert.equal(isInside([...labels, "evil", "com"].join(".")), false);
    }),
  );
});

test("canonicalHost() gives itself back, whatever it was given", () => {
  fc.assert(
    fc.property(fc.oneof(anyText({ maxLength: 30 }), fc.ipV4Extended(), fc.ipV6(), fc.domain()), (text) => {
      const host = canonicalHost(text);
      if (host !== null) assert.equal(canonicalHost(host), host);
    }),
  );
});
