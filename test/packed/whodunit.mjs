import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { run, startReceiver } from "whodunit";

const summary = spawnSync(process.execPath, ["node_modules/whodunit/dist/main.js", "summary"], {
  input: '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"web-fail","service":"web"}\n',
  encoding: "utf8",
});
assert.match(summary.stdout, /web-fail +1/);
assert.equal(typeof run, "function");
startReceiver({ port: 0 }).then(async (receiver) => {
  const page = await (await fetch(receiver.url)).text();
  assert.match(page, /src="\/page\/main\.js"/);
  for (const path of ["/page/main.js", "/page/waterfall.js", "/page/style.css", "/api/map", "/api/traces"]) {
    assert.equal((await fetch(receiver.url + path)).status, 200, path);
  }
  await receiver.close();
});
