import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { freePort, runProgram, serverFolder, startServer } from "./helpers/real-server.ts";

const LISTEN = `require("node:fs").writeFileSync("told", process.env.TMPDIR);
require("node:net").createServer().listen(Number(process.argv[1]), "127.0.0.1");`;

test("each real server of a test has a temporary folder of its own, which no other clears", async (t) => {
  const [first, second] = [serverFolder(t), serverFolder(t)];
  runProgram("/bin/sh", ["-c", 'printf %s "$TMPDIR" > told'], first);
  const port = await freePort();
  await startServer(t, second, port, {
    command: process.execPath,
    args: ["-e", LISTEN, `${port}`],
    asTester: true,
  });
  for (const folder of [first, second]) assert.equal(readFileSync(`${folder}/told`, "utf8"), folder);
});
