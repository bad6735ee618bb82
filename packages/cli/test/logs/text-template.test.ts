import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { templateOf } from "../../src/logs/text-template.ts";
import { whodunit } from "../helpers/command.ts";

/** Texts of one kind each, and what they have in common. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "order <*> failed": [
    "order 17 failed",
    "order -18.5 failed",
    "order 1,234 failed",
    "order a17 failed",
    "order 5e-7 failed",
  ],
  "took <*>ms of <*>": ["took 12ms of 30", "took 7ms of 1e3"],
  "worker<*> died": ["worker3 died", "worker17 died"],
  "account <*> is gone": [
    "account 5c522f9b is gone",
    "account 20261120 is gone",
    "account deadbeef is gone",
    "account 0x7ffe12 is gone",
    "account 550e8400-e29b-41d4-a716-446655440000 is gone",
    "account V1StGXR8_Z5jdHi6B-myT is gone",
    "account 507f1f77bcf86cd799439011 is gone",
    "account ada@example.com is gone",
    "account 2026-11-20T08:47:41.960Z is gone",
  ],
  'relation "<*>" does not exist': [
    'relation "orders" does not exist',
    'relation "or\\"ders" does not exist',
  ],
  "can't find '<*>' for me, and don't ask": [
    "can't find 'anna' for me, and don't ask",
    "can't find 'the \"other\"' for me, and don't ask",
  ],
  "connect ECONNREFUSED <*>": [
    "connect ECONNREFUSED 10.0.0.7:5432",
    "connect ECONNREFUSED ::1:5432",
    "connect ECONNREFUSED [fd00::1]:80",
  ],
  "ids <*> are gone": ["ids 1 are gone", "ids 1, 2, 3 are gone", "ids 4,5 are gone"],
  "GET /users/<*>/orders?x=<*>": ["GET /users/17/orders?x=1", "GET /users/5c522f9b/orders?x=20"],
  "web-service-<*> is <*>% full": ["web-service-17 is 98% full", "web-service-2 is 7% full"],
  "<*> Zeichen in „Straße“": ["٣٤ Zeichen in „Straße“", "34 Zeichen in „Straße“"],
};

test("templateOf() A5: texts of one kind have one template, whatever numbers, ids and quotes they hold", () => {
  for (const [template, texts] of Object.entries(KINDS))
    for (const text of texts) assert.equal(templateOf(text), template, text);
});

test("templateOf() A5: words stay, so that different texts have different templates", () => {
  const plain = [
    "no route to host",
    "std::bad_alloc in Foo::bar",
    "it's late, isn't it",
    "cafe is a faded facade",
    "",
    "<*>",
  ];
  for (const text of plain) assert.equal(templateOf(text), text);
  assert.equal(new Set(Object.keys(KINDS).map(templateOf)).size, Object.keys(KINDS).length);
});

test("templateOf() A5: is one line of at most 128 characters, stays as it is, and takes any text", () => {
  const bits = fc.constantFrom(
    "'",
    '"',
    "`",
    "\\",
    "17",
    "ab12",
    "::",
    "-",
    "_",
    "@",
    "a.b",
    " ",
    "<*>",
    "\n",
    "\u009b",
    "x".repeat(60),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.array(bits, { maxLength: 60 }).map((all) => all.join("")),
      ),
      (text) => {
        const template = templateOf(text);
        assert.ok(template.length <= 128 && !/\p{Cc}/u.test(template), JSON.stringify(template));
        assert.equal(templateOf(template), template);
      },
    ),
  );
});

const unnamed = (text: string, more: object = {}): string =>
  JSON.stringify({ level: "error", time: "2026-11-20T08:47:41.960Z", msg: "demo-unnamed", text, ...more });

test("whodunit summary A5: lines without a name are counted by the template of their text", async () => {
  const stdin = [
    ...Array.from({ length: 20 }, (_, i) => unnamed(`order ${i} failed`)),
    ...Array.from({ length: 9 }, (_, i) => unnamed(`cannot reach 'db-${i}'`)),
    unnamed("order lost", { repeats: 400 }),
    '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"demo-unnamed","err":{"type":"RedeemError","message":"card 17 declined"}}',
    '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"demo-unnamed"}',
    '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"demo-fail","text":"order 3 failed"}',
    ...Array.from({ length: 5 }, (_, i) => `{"level":50,"time":1763628461960,"msg":"user ${i} is gone"}`),
  ].join("\n");
  const { stdout } = await whodunit(["summary", "--name", "x"], { stdin });
  assert.equal(
    stdout,
    [
      "CTRL Daily Summary   x   437",
      "",
      "demo-fail                                     1",
      "demo-unnamed                                  1",
      "demo-unnamed: RedeemError: card <*> declined  1",
      "demo-unnamed: cannot reach '<*>'              9",
      "demo-unnamed: order <*> failed               20",
      "demo-unnamed: order lost                    400",
      "user <*> is gone                              5",
      "",
    ].join("\n"),
  );
  const tree = await whodunit(["summary", "--name", "x", "--by-scope"], { stdin });
  assert.match(
    tree.stdout,
    /^demo +432\n {2}fail +1\n {2}unnamed +431\n {4}RedeemError: card <\*> declined +1\n/m,
  );
});

test("whodunit summary A5: --compare goes by templates, also against a summary that had texts", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-template-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const names = Array.from({ length: 12 }, (_, i) => ({ name: `user ${i} is gone`, count: 1 }));
  const earlier = join(folder, "earlier.json");
  writeFileSync(
    earlier,
    JSON.stringify({ names: [...names, { name: "demo-unnamed: order <*> failed", count: 2 }] }),
  );
  const stdin = [
    ...Array.from(
      { length: 13 },
      (_, i) => `{"level":50,"time":1763628461960,"msg":"user ${100 + i} is gone"}`,
    ),
    ...Array.from({ length: 30 }, (_, i) => unnamed(`order ${i} failed`)),
    unnamed("disk sda1 is full"),
  ].join("\n");
  const { stdout } = await whodunit(["summary", "--name", "x", "-o", "json", "--compare", earlier], {
    stdin,
  });
  const { changes } = JSON.parse(stdout) as {
    changes: { name: string; kind: string; before: number; now: number }[];
  };
  assert.deepEqual(
    changes.map(({ name, kind, before, now }) => [name, kind, before, now]),
    [
      ["demo-unnamed: disk sda<*> is full", "new", 0, 1],
      ["demo-unnamed: order <*> failed", "jump", 2, 30],
    ],
  );
});
