import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/packages.ts";
import { INSTALLED } from "./folder.ts";

const COMMANDS_MAX = 10;
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const STARTED = readFileSync(join(ROOT, "docs/getting-started.md"), "utf8");

/** A line that a document tells to type, without its comment. */
function told(document: string, start: RegExp): string {
  const line = document.split("\n").find((each) => start.test(each));
  assert.ok(line !== undefined, `no line ${start}`);
  return line.replace(/^\$ /, "").replace(/\s+#.*$/, "");
}

// Tells its parent where a program listens that was given port 0.
const TELL = `data:text/javascript,${encodeURIComponent(`
  import { Server } from "node:net";
  const { emit } = Server.prototype;
  Server.prototype.emit = function (name, ...rest) {
    if (name === "listening") process.send(this.address().port);
    return emit.call(this, name, ...rest);
  };`)}`;

test("a stranger gets from an empty folder to a verdict on a service of their own by what the documents tell", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-stranger-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let port = 0;
  const typed: string[] = [];
  const type = (command: string): string => {
    typed.push(command);
    // The clone's tarballs are there already: `npm run pack` is what check:packed and this run begin with.
    const shown = command.replaceAll("<clone>", INSTALLED).replaceAll("localhost:8080", `localhost:${port}`);
    const { status, stdout, stderr } = spawnSync("sh", ["-c", shown], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
    return stdout;
  };
  typed.push(told(README, /^npm ci && npm run pack/));
  type("npm init --yes");
  type("npm install fastify");
  type(told(README, /^npm install <clone>/));

  const program = /^```js\n\/\/ server\.mjs\n(.*?)^```$/ms.exec(STARTED)?.[1] ?? "";
  const own = program.replace(
    /^ {2}return /m,
    '  if (request.params.name === "bob") throw new Error("bob is not known");\n  return ',
  );
  assert.notEqual(own, program, "the service of one's own has a fault");
  writeFileSync(join(folder, "server.mjs"), own);
  typed.push("node server.mjs");
  const service = spawn(process.execPath, ["--import", TELL, "server.mjs"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, PORT: "0", OTEL_TRACES_EXPORTER: "none" },
  });
  t.after(() => service.kill("SIGKILL"));
  [port] = await once(service, "message");
  assert.equal(type(told(STARTED, /^\$ curl localhost:8080\/hello/)), "Hello ada\n");
  for (let count = 0; count < 40; count++) {
    const response = await fetch(`http://localhost:${port}/hello/bob`);
    assert.equal(response.status, 500);
    await response.arrayBuffer();
  }
  const investigate = told(STARTED, /^\$ npx whodunit investigate/);
  typed.push(investigate);
  const verdict = spawnSync("sh", ["-c", investigate.replace("8080", String(port))], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.match(verdict.stdout, /web is murdering requests/, verdict.stderr);
  assert.match(verdict.stdout, /GET \/hello\/:name/);
  assert.match(verdict.stdout, /bob is not known|500 Error/);
  assert.ok(typed.length <= COMMANDS_MAX, typed.join("\n"));
  service.kill("SIGTERM");
  assert.deepEqual(await once(service, "exit"), [0, null]);
});
