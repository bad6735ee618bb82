import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import { startChild } from "../helpers/child.ts";
import { folder } from "../helpers/pipe.ts";

const names = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).msg);

async function run(t: TestContext, way: string): Promise<{ taken: string[]; left: string[] }> {
  const child = startChild(t, "replaced-stdout.ts", [way], "pipe");
  let left = "";
  child.process.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    left += chunk;
  });
  assert.deepEqual(await child.ended, { code: 0, signal: null }, child.stderr());
  return { taken: names((JSON.parse(child.stderr()) as string[]).join("")), left: names(left) };
}

describe("A3: where stdout is not the plain descriptor, lines go through process.stdout", () => {
  for (const way of ["write replaced before", "stdout replaced", "a worker thread"]) {
    it(`as with ${way}`, async (t) => {
      assert.deepEqual(await run(t, way), { taken: ["app-first", "app-second"], left: [] });
    });
  }

  it("as long as write is replaced, in order with those before and after", async (t) => {
    assert.deepEqual(await run(t, "write replaced after, and given back"), {
      taken: ["app-first", "app-second"],
      left: ["app-waits-for-its-batch", "app-last"],
    });
  });

  it("and what a collector logs about a line it is given goes to the descriptor, not to itself", async (t) => {
    assert.deepEqual(await run(t, "a collector that logs what it is given"), {
      taken: ["app-first", "app-second"],
      left: ["collector-collected", "collector-collected"],
    });
  });

  it("as in a test of node:test that mocks write", async (t) => {
    const file = join(folder(t), "mock.test.ts");
    const index = new URL("../../src/index.ts", import.meta.url);
    writeFileSync(
      file,
      `import assert from "node:assert";
import { test } from "node:test";
import { createLogger } from "${index}";
const log = createLogger({ service: "app", level: "debug" });
test("mocked", (t) => {
  const write = t.mock.method(process.stdout, "write", () => true);
  log.debug("x");
  assert.equal(write.mock.callCount(), 1);
  assert.match(write.mock.calls[0].arguments[0], /"msg":"app-x"/);
});`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--conditions=@whodunit/source", "--test", "--test-reporter=tap", file],
      { encoding: "utf8", env },
    );
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^# pass 1$/m);
  });

  for (const mode of ["fork", "cluster"]) {
    it(`by PM2 in ${mode} mode: each line is once in the application's log`, async (t) => {
      const home = folder(t);
      const app = join(home, "app.mjs");
      const index = new URL("../../src/index.ts", import.meta.url);
      writeFileSync(
        app,
        `import { createLogger } from "${index}";
const log = createLogger({ service: "app", level: "debug" });
log.debug("first");
log.error("second");
setInterval(() => {}, 1_000);
`,
      );
      const out = join(home, "out.log");
      const pm2 = pm2Of(home);
      try {
        await pm2([
          "start",
          app,
          ...["--name", "app", "--output", out, "--error", join(home, "err.log"), "--merge-logs"],
          ...(mode === "cluster" ? ["-i", "1"] : []),
          ...["--node-args", "--conditions=@whodunit/source"],
        ]);
        const read = (): string => {
          try {
            return readFileSync(out, "utf8");
          } catch {
            return "";
          }
        };
        await until(() => read().includes("app-second"), "the application's log");
        await pm2(["stop", "app"]);
        assert.deepEqual(names(read()), ["app-first", "app-second"]);
      } finally {
        // Before its home is gone, by which it finds its daemon.
        await pm2(["kill"]);
      }
    });
  }
});

/** PM2 with a home of its own. Whoever has it kills its daemon. */
function pm2Of(home: string): (args: readonly string[]) => Promise<void> {
  const manifest = createRequire(import.meta.url).resolve("pm2/package.json");
  const command = join(dirname(manifest), "bin", "pm2");
  mkdirSync(join(home, "pm2"));
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    PM2_HOME: join(home, "pm2"),
    NODE_ENV: "production",
    PM2_DISABLE_VERSION_CHECK: "true",
  };
  const run = async (args: readonly string[]): Promise<void> => {
    const child = spawn(process.execPath, [command, ...args, "--silent"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => void said.push(String(chunk)));
    }
    const [code] = await once(child, "close");
    assert.equal(code, 0, `pm2 ${args.join(" ")}: ${said.join("")}`);
  };
  return run;
}
