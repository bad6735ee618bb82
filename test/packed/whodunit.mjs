import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { run, startReceiver } from "whodunit";

const summary = spawnSync(process.execPath, ["node_modules/whodunit/bin/whodunit.js", "summary"], {
  input: '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"web-fail","service":"web"}\n',
  encoding: "utf8",
});
assert.match(summary.stdout, /web-fail +1/);
assert.equal(typeof run, "function");
startReceiver({ port: 0 }).then(async (receiver) => {
  const page = await (await fetch(receiver.url)).text();
  assert.match(page, /src="\/page\/main\.js"/);
  const answered = async (path) => {
    const response = await fetch(new URL(path, receiver.url));
    assert.equal(response.status, 200, path);
    return await response.text();
  };
  for (const path of ["/page/style.css", "/api/map", "/api/traces"]) await answered(path);
  const script = await answered("/page/main.js");
  const imported = [...script.matchAll(/\bimport [\w*{}, ]+ ?from ?"([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(imported, ["./uplot.js"]);
  await answered("/page/uplot.js");
  await receiver.close();
});
