import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, serve } from "../helpers/fake-service.ts";
import { assertGolden } from "../helpers/golden.ts";

const RECORDS = [
  {
    time: "2026-11-20T08:47:41.960Z",
    side: "server",
    from: "web",
    to: "voting",
    method: "POST",
    route: "POST /votes/:shortcode",
    status: 500,
    error: "DoughnutError",
    failed: true,
    durationMs: 12.345,
    traceId: "5c522f9b5c522f9b5c522f9b5c522f9b",
  },
  { dropped: 1_200 },
  {
    time: "2026-11-20T08:47:42.001Z",
    side: "client",
    from: "voting",
    to: "\u001b[2Jvotes-db",
    method: "",
    route: "insert",
    status: null,
    error: null,
    failed: false,
    durationMs: 3,
    traceId: null,
  },
];

async function tapped(t: TestContext, { status = 200, goOn = false } = {}) {
  const seen: { url: string; token: string | undefined }[] = [];
  const asked = Promise.withResolvers<void>();
  const { url } = await serve(t, (req, res) => {
    seen.push({ url: req.url!, token: req.headers.authorization });
    asked.resolve();
    res.writeHead(status, { "content-type": "application/x-ndjson" });
    const text = RECORDS.map((record) => `${JSON.stringify(record)}\n`).join("");
    // Cut within a line, as a network does.
    res.write(text.slice(0, 77));
    setImmediate(() => (goOn ? res.write(text.slice(77)) : res.end(`${text.slice(77)}{"cut`)));
  });
  return { url, seen, asked: asked.promise };
}

test("whodunit tap prints requests as they end, and sends its filters to the service", async (t) => {
  const { url, seen } = await tapped(t);
  const filters = [
    "--from",
    "web",
    "--route",
    "POST /votes/:shortcode",
    "--errors",
    "--max-rps",
    "5",
    "--status",
    "5xx",
  ];
  const { code, stdout } = await whodunit(["tap", url, ...filters, "--token", "a-secret-of-sixteen"]);
  assertGolden("tap", stdout);
  assert.equal(code, 0);
  const asked = new URL(seen[0]!.url, url);
  assert.equal(asked.pathname, "/debug/tap");
  assert.deepEqual(Object.fromEntries(asked.searchParams), {
    from: "web",
    route: "POST /votes/:shortcode",
    errors: "true",
    maxRps: "5",
    status: "5xx",
  });
  assert.equal(seen[0]!.token, "Bearer a-secret-of-sixteen");
  const json = await whodunit(["tap", url, "-o", "json"]);
  assert.deepEqual(
    json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
    RECORDS,
  );
});

test("whodunit tap ends when told and after --for, with what it has", async (t) => {
  const { url, asked } = await tapped(t, { goOn: true });
  const timed = await whodunit(["tap", url, "--for", "200ms", "-o", "json"]);
  assert.equal(timed.code, 0);
  const all = RECORDS.map((record) => `${JSON.stringify(record)}\n`).join("");
  assert.ok(all.startsWith(timed.stdout), timed.stdout);
  const end = new AbortController();
  const running = whodunit(["tap", url], { signal: end.signal });
  await asked;
  end.abort();
  assert.equal((await running).code, 0);
});

test("whodunit tap says why it cannot follow", async (t) => {
  const { url } = await tapped(t, { status: 401 });
  const refused = await whodunit(["tap", url]);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [
      3,
      `whodunit: cannot follow ${url}: answered 401 (the service wants a token: --token or WHODUNIT_TOKEN)\n`,
    ],
  );
  const error = 'status wants a code such as "503"';
  const picky = await serve(t, (_req, res) => res.writeHead(400).end(JSON.stringify({ error })));
  const said = await whodunit(["tap", picky.url, "--status", "bad"]);
  assert.deepEqual(
    [said.code, said.stderr],
    [3, `whodunit: cannot follow ${picky.url}: answered 400: ${error}\n`],
  );
  assert.equal((await whodunit(["tap", await deadAddress()])).code, 3);
  assert.equal((await whodunit(["tap", url, "--max-rps", "0"])).code, 2);
});
