import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { followPattern } from "../../src/sources/live/follow-pattern.ts";
import { whodunit } from "../helpers/command.ts";
import { fakeService, series } from "../helpers/fake-service.ts";

const fits = (pattern: string, url: string): boolean => followPattern(pattern)(new URL(url));

interface Case {
  readonly pattern: string;
  readonly fit: readonly string[];
  readonly not: readonly string[];
}

const CASES: readonly Case[] = [
  {
    pattern: "10.0.*",
    fit: [
      "http://10.0.0.7",
      "http://10.0.255.1:3000",
      "http://[::ffff:10.0.3.4]",
      "http://167772167",
      "http://10.0",
    ],
    not: ["http://10.0.evil.com", "http://10.0.0.1.evil.com", "http://10.1.0.1", "http://[fd00::10]"],
  },
  {
    pattern: "10.0.*:3000",
    fit: ["http://10.0.0.7:3000"],
    not: ["http://10.0.0.7", "http://10.0.0.7:30000", "http://10.0.evil.com:3000", "http://evil.com:3000"],
  },
  {
    pattern: "10.*.0.1",
    fit: ["http://10.9.0.1"],
    not: ["http://10.9.1.1", "http://10.evil.0.1.com", "http://10.9.9.0.1.com"],
  },
  {
    pattern: "*.internal",
    fit: ["http://web.internal", "http://WEB.internal.:3000", "https://web.internal"],
    not: [
      "http://a.b.internal",
      "http://internal",
      "http://web.internal.evil.com",
      "http://xinternal",
      "http://10.0.0.7",
    ],
  },
  {
    pattern: "web-*.prod.svc",
    fit: ["http://web-1.prod.svc", "http://web-.prod.svc"],
    not: ["http://web-1.evil.prod.svc", "http://web-1.prod.svc.evil.com", "http://web-evil.com/.prod.svc"],
  },
  {
    pattern: ".svc.cluster.local",
    fit: ["http://web.prod.svc.cluster.local", "http://a.b.c.svc.cluster.local:80"],
    not: [
      "http://svc.cluster.local",
      "http://evilsvc.cluster.local",
      "http://web.svc.cluster.local.evil.com",
    ],
  },
  {
    pattern: "web.*",
    fit: ["http://web.internal"],
    not: ["http://web.evil.com", "http://web", "http://web.10.0.0.1.evil.com"],
  },
  {
    pattern: "*",
    fit: ["http://web", "http://web:3000"],
    not: ["http://evil.com", "http://8.8.8.8", "http://[::1]"],
  },
  { pattern: "10.0.0.0/8", fit: ["http://10.200.3.4"], not: ["http://11.0.0.1", "http://10.0.0.0.evil.com"] },
  { pattern: "fd00::/8", fit: ["http://[fd12::1]:3000"], not: ["http://[fc00::1]", "http://fd00"] },
  {
    pattern: "[fd00::1]:3000",
    fit: ["http://[fd00:0::1]:3000"],
    not: ["http://[fd00::1]", "http://[fd00::2]:3000"],
  },
  { pattern: "fd00::1", fit: ["http://[fd00::1]:9"], not: ["http://[fd00::2]"] },
  {
    pattern: "bücher.example",
    fit: ["http://bücher.example", "http://xn--bcher-kva.example"],
    not: ["http://bucher.example"],
  },
  {
    pattern: "https-only.example:443",
    fit: ["https://https-only.example"],
    not: ["http://https-only.example"],
  },
  { pattern: "a.b", fit: ["http://a.b"], not: ["http://axb", "http://a.b.c"] },
];

for (const { pattern, fit, not } of CASES)
  test(`followPattern() G2: ${pattern} fits by labels and addresses, and nothing by accident`, () => {
    for (const url of fit) assert.equal(fits(pattern, url), true, url);
    for (const url of not) assert.equal(fits(pattern, url), false, url);
  });

test("followPattern() refuses what is no pattern of hosts, and says what is wanted", () => {
  const wrong = [
    "",
    " ",
    "http://web",
    "web/path",
    "user@web",
    "a..b",
    "10.0",
    "10.0.0.256",
    "010.*",
    "0x7f.*",
    "10.0.0.0/33",
  ];
  for (const pattern of [
    ...wrong,
    "web:x",
    "web:80:90",
    "fd00::/129",
    "a b",
    "a?c",
    "ü*.example",
    "1.2.3.4.*",
    "*.7",
    ".",
  ])
    assert.throws(() => followPattern(pattern), /is no pattern of hosts: want /, pattern);
});

test("followPattern() never takes a name of others for one of ours", () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const ours = fc.constantFrom(
    "10.0.*",
    "10.*",
    "10.0.0.0/8",
    "*.internal",
    ".svc",
    "web-*",
    "127.0.0.*",
    "*",
    "web.*.local",
  );
  fc.assert(
    fc.property(
      ours,
      fc.array(fc.oneof(label, fc.constantFrom("10", "0", "svc", "internal")), { maxLength: 6 }),
      (pattern, labels) => {
        const url = URL.parse(`http://${[...labels, "evil", "com"].join(".")}/`);
        if (url !== null) assert.equal(followPattern(pattern)(url), false, url.href);
      },
    ),
  );
});

test("whodunit edges G2: the token goes to no host that only looks like one of --follow", async (t) => {
  const token = "a-secret-of-sixteen";
  const thief = await fakeService(t, "thief");
  const port = new URL(thief.url).port;
  const web = await fakeService(t, "web", [series("client", `localhost:${port}`, "GET")], { token });
  await whodunit(["edges", web.url, "--token", token, "--follow", "127.0.*"]);
  assert.deepEqual(
    thief.seen.map(({ headers }) => headers.authorization),
    [undefined],
    "a pattern of addresses fits no name: it is asked as a host of the house, without the token",
  );
  await whodunit(["edges", web.url, "--token", token, "--follow", `localhost:${port}`]);
  assert.equal(thief.seen[1]?.headers.authorization, `Bearer ${token}`);
});

test("whodunit investigate refuses a wrong --follow with exit code 2 and says what is wanted", async () => {
  const { code, stderr } = await whodunit(["investigate", "--follow", "https://*.internal", "localhost:1"]);
  assert.equal(code, 2);
  assert.match(stderr, /"https:\/\/\*\.internal" is no pattern of hosts: want /);
});
