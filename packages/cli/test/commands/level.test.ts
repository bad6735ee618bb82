import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, serve } from "../helpers/fake-service.ts";
import { assertGolden } from "../helpers/golden.ts";

/** A service whose level route answers like the logger's. */
async function leveled(t: TestContext) {
  const seen: unknown[] = [];
  const { url } = await serve(t, async (req, res) => {
    const body = await text(req);
    seen.push([req.method, req.url, body === "" ? null : JSON.parse(body)]);
    if (body.includes("Bad Name")) return res.writeHead(400).end('{"error":"prefix is no name"}');
    const levels = [
      { prefix: "", level: "error", until: null },
      { prefix: "web-votes", level: "debug", until: "2026-11-20T08:57:41.960Z" },
    ];
    return res.end(JSON.stringify({ levels }));
  });
  return { url, seen };
}

test("whodunit level shows levels, and changes one for a while", async (t) => {
  const { url, seen } = await leveled(t);
  const shown = await whodunit(["level", url]);
  assertGolden("level", shown.stdout);
  assert.equal((await whodunit(["level", url, "web-votes", "debug"])).code, 0);
  await whodunit(["level", url, "web-votes", "debug", "--for", "90s"]);
  await whodunit(["level", url, "web-votes", "default"]);
  assert.deepEqual(seen, [
    ["GET", "/debug/level", null],
    ["PUT", "/debug/level", { prefix: "web-votes", level: "debug", ttlMs: 600_000 }],
    ["PUT", "/debug/level", { prefix: "web-votes", level: "debug", ttlMs: 90_000 }],
    ["PUT", "/debug/level", { prefix: "web-votes", level: null }],
  ]);
});

test("whodunit level --help shows the default of --for as it is written", async () => {
  assert.match((await whodunit(["level", "--help"])).stdout, /--for <duration> .*\(default: 10m\)/);
});

test("whodunit level says what is wrong with the change, the command line or the service", async (t) => {
  const { url } = await leveled(t);
  const refused = await whodunit(["level", url, "Bad Name", "debug"]);
  assert.deepEqual([refused.code, refused.stderr], [3, `whodunit: ${url} answered 400: prefix is no name\n`]);
  assert.equal((await whodunit(["level", url, "web-votes"])).code, 2);
  assert.equal((await whodunit(["level", url, "web-votes", "loud"])).code, 2);
  assert.equal((await whodunit(["level", await deadAddress()])).code, 3);
});
