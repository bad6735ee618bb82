import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../packages/cli/src/program.ts";

const CHILD = fileURLToPath(new URL("./helpers/cluster-child.ts", import.meta.url));

for (const count of [1, 2, 4]) {
  test(`A13: of ${count} workers of a cluster behind one port, the answer says how many were not told`, async (t) => {
    const args = ["--conditions=@whodunit/source", CHILD, String(count)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
    t.after(() => child.kill());
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    let out = "";
    let errors = "";
    const terminal = {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (errors += text) },
      env: {},
    };
    const url = `http://127.0.0.1:${port}`;
    assert.equal(await run(["level", url, "clustered-votes", "debug"], terminal), 0, errors);
    assert.match(out, /clustered-votes +debug/);
    if (count === 1) assert.equal(errors, "");
    else if (process.platform === "linux") {
      const told = new RegExp(
        `^whodunit: worker \\d of a cluster answered, ${count - 1} of ${count} did not: they go on as before\\n$`,
      );
      assert.match(errors, told);
    } else assert.match(errors, /the others did not: they go on as before\n$/);
    errors = "";
    assert.equal(await run(["level", url], terminal), 0);
    assert.equal(/were not asked\n$/.test(errors), count > 1);
  });
}
