import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { KEY_UNIT } from "../../../../test/helpers/any-text.ts";
import { jsonText, printable } from "../../src/terminal/safe-text.ts";
import { whodunit } from "../helpers/command.ts";
import { fakeService, series, serve } from "../helpers/fake-service.ts";

// CSI, OSC and string terminator as one byte (C1), the same by ESC, DEL, text that runs backwards, line separators, a tag.
const EVIL = "\u009b2J\u009d0;t\u009c\u001b[31m\u007f\u202egnp\u2066\u2028\u2029\u0085\r\u{e0041}";

// All that a terminal or an editor may obey, but the line ends that a command writes between its own lines.
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

/** Services in all of whose answers every text is hostile. */
async function hostile(t: TestContext): Promise<{ url: string; peer: string }> {
  const fake = await fakeService(
    t,
    `web${EVIL}`,
    [
      series("server", `bot${EVIL}`, `GET /${EVIL}`, { failures: 50, error: EVIL, traceId: EVIL }),
      series("client", `db${EVIL}`, EVIL, { failures: 50, error: EVIL }),
    ],
    {
      version: EVIL,
      health: { [`disk${EVIL}`]: [{ status: "fail", state: EVIL, kind: "own", output: EVIL, time: EVIL }] },
    },
  );
  const { url } = await serve(t, async (req, res) => {
    if (req.url?.startsWith("/debug/tap"))
      return res.end(`${JSON.stringify({ from: EVIL, to: EVIL, route: EVIL, error: EVIL, [EVIL]: EVIL })}\n`);
    if (req.url?.startsWith("/debug/level"))
      return res.end(JSON.stringify({ levels: [{ prefix: EVIL, level: EVIL, until: EVIL }] }));
    const answer = await fetch(fake.url + req.url, { headers: { accept: req.headers.accept ?? "" } });
    return res.writeHead(answer.status).end(await answer.text());
  });
  return { url, peer: fake.host };
}

test("whodunit G7: no output of any command holds a control character that a service or a file sent", async (t) => {
  const { url } = await hostile(t);
  const view = await serve(t, (_req, res) => res.writeHead(404).end("{}"));
  const folder = mkdtempSync(join(tmpdir(), "whodunit-hostile-"));
  const log = join(folder, "app.log");
  writeFileSync(
    log,
    `${JSON.stringify({ level: "error", time: "2026-11-20T08:47:41.960Z", msg: `lost ${EVIL}` })}\n`,
  );
  const earlier = join(folder, "earlier.json");
  writeFileSync(earlier, JSON.stringify({ names: [{ name: `gone${EVIL}`, count: 3 }] }));
  const refused = await serve(t, (_req, res) => res.writeHead(400).end(JSON.stringify({ error: EVIL })));
  const lines: readonly (readonly string[])[] = [
    ...["table", "json"].flatMap((format) => [
      ["health", url, "-o", format],
      ["stat", url, "-o", format],
      ["edges", url, "-o", format],
      ["tap", url, "-o", format],
      ["investigate", url, "--view", view.url, "-o", format],
    ]),
    ...["table", "wide", "json", "markdown"].map((format) => [
      "summary",
      "--name",
      EVIL,
      "--compare",
      earlier,
      "-o",
      format,
      log,
    ]),
    ["summary", "--by-scope", log],
    ["summary", join(folder, EVIL)],
    ["level", url],
    ["level", refused.url],
    ["tap", refused.url],
    ["stat", refused.url],
  ];
  for (const args of lines) {
    const { stdout, stderr } = await whodunit(args);
    assert.doesNotMatch(stdout, OBEYED, `stdout of ${args.join(" ")}`);
    assert.doesNotMatch(stderr, OBEYED, `stderr of ${args.join(" ")}`);
    assert.notEqual(stdout + stderr, "", args.join(" "));
    if (args.includes("json") && args[0] !== "tap")
      assert.match(JSON.stringify(JSON.parse(stdout)), /\u009b2J/, args[0]);
  }
});

/** A profile in which all that a script chooses is hostile. */
const PROFILE = {
  startTime: 0,
  endTime: 3_000_000,
  nodes: [
    {
      id: 1,
      callFrame: { functionName: "(root)", scriptId: "0", url: "", lineNumber: -1, columnNumber: -1 },
      children: [2],
    },
    {
      id: 2,
      callFrame: {
        functionName: `spin${EVIL}`,
        scriptId: "7",
        url: `file:///srv/${EVIL}/a.js`,
        lineNumber: 3,
        columnNumber: 1,
      },
    },
  ],
  samples: [2, 2, 2],
  timeDeltas: [1_000_000, 1_000_000, 1_000_000],
};

test("whodunit G7: no word of a view, a profile, a project or a refusal reaches the terminal as more than text", async (t) => {
  const line = {
    timeMs: 1_796_000_000_000,
    service: `web${EVIL}`,
    level: EVIL,
    failed: true,
    name: EVIL,
    text: `lost ${EVIL}`,
    traceId: EVIL,
    fields: { [`key${EVIL}`]: [EVIL, { deeper: EVIL }] },
  };
  const view = await serve(t, (req, res) => {
    const lines = req.url?.startsWith("/api/lines") === true;
    res.end(JSON.stringify(lines ? { lines: [line] } : { spans: [], error: EVIL, message: EVIL }));
  });
  const angry = await serve(t, (_req, res) =>
    res.writeHead(400, "no").end(JSON.stringify({ message: EVIL, error: EVIL })),
  );
  const spun = await serve(t, (_req, res) => res.end(JSON.stringify(PROFILE)));
  const { url } = await hostile(t);
  const project = mkdtempSync(join(tmpdir(), "whodunit-hostile-"));
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: `app${EVIL}`, main: `${EVIL}.js`, dependencies: { express: EVIL } }),
  );
  writeFileSync(join(project, `${EVIL.replace(/[\n\r]/g, "")}.js`), "require('express')().listen(1)");
  const lines: readonly (readonly string[])[] = [
    ...["table", "json"].flatMap((format) => [
      ["lines", "--view", view.url, "-o", format],
      ["profile", spun.url, "--for", "1s", "-o", format],
      ["doctor", url, "-o", format],
      ["health", url, "--token", `${EVIL}long-enough-to-be-one`, "-o", format],
    ]),
    ["lines", "--view", angry.url],
    ["profile", angry.url],
    ["doctor", angry.url],
    ["adopt", project, "--dry-run"],
    ["token", `http://localhost/${EVIL}`],
    ["summary", EVIL],
    [EVIL],
    ["stat", "--follow", EVIL, url],
    ["investigate", "--follow", EVIL, url],
  ];
  for (const args of lines) {
    const { stdout, stderr } = await whodunit(args);
    assert.doesNotMatch(stdout, OBEYED, `stdout of ${args.join(" ")}`);
    assert.doesNotMatch(stderr, OBEYED, `stderr of ${args.join(" ")}`);
    assert.notEqual(stdout + stderr, "", args.join(" "));
  }
});

test("jsonText() G7: gives any value back as it was, and holds nothing that a terminal obeys", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: KEY_UNIT }), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = jsonText({ value, evil: EVIL }, indent);
      assert.doesNotMatch(text, OBEYED);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify({ value, evil: EVIL })));
    }),
  );
  assert.doesNotMatch(printable(EVIL), OBEYED);
});
