import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { until } from "../../../../test/helpers/until.ts";
import { type ReceivedSpan, type Receiver, startReceiver } from "../helpers/receiver.ts";
import { ask } from "../helpers/tracing.ts";

const APP = fileURLToPath(new URL("../helpers/chain-app.ts", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Each way to run one and the same program. */
const WAYS: Record<string, (t: TestContext) => Promise<string>> = {
  ESM: async () => APP,
  CommonJS: async (t) => {
    const folder = await temporary(t);
    const file = join(folder, "app.cjs");
    await writeFile(file, `require(${JSON.stringify(APP)});`);
    return file;
  },
  "an esbuild bundle": async (t) => {
    const folder = await temporary(t);
    const outfile = join(folder, "app.mjs");
    await build({
      entryPoints: [APP],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      // As the README has it: CommonJS inside an ESM bundle asks for a require.
      banner: { js: await bannerOfReadme() },
      conditions: ["@whodunit/source"],
      logLevel: "error",
    });
    return outfile;
  },
};

async function bannerOfReadme(): Promise<string> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  return /--banner:js='([^']+)'/.exec(readme)?.[1] ?? assert.fail("the README has no banner");
}

async function temporary(t: TestContext): Promise<string> {
  // Beside the sources: what a CommonJS program requires is looked up from where it lies.
  const folder = await mkdtemp(join(HERE, ".tmp-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(
  t: TestContext,
  file: string,
  receiver: Receiver,
): Promise<{ port: number; child: ChildProcess }> {
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", file], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  const failed = once(child, "exit").then(([code]) => Promise.reject(new Error(`it exited with ${code}`)));
  failed.catch(() => {
    // Of interest only before it listens.
  });
  const listening = once(child.stdout as NodeJS.ReadableStream, "data") as Promise<[Buffer]>;
  const [line] = await Promise.race([listening, failed]);
  return { port: Number(line.toString()), child };
}

const children = (spans: readonly ReceivedSpan[], parent: ReceivedSpan | undefined): ReceivedSpan[] =>
  spans.filter((span) => span.parentSpanId === parent?.spanId);

for (const [way, prepare] of Object.entries(WAYS)) {
  test(`without a preload, ${way} gives one trace through Fastify, fetch, Express and http`, async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const { port, child } = await start(t, await prepare(t), receiver);
    const json = { "content-type": "application/json" };
    const voted = await ask(port, {
      method: "POST",
      path: "/votes/doughnut",
      headers: json,
      body: '{"a":1}',
    });
    assert.equal(voted.status, 200, voted.body);
    const boundary = "whodunit";
    const body = `--${boundary}\r\ncontent-disposition: form-data; name="f"; filename="f.txt"\r\n\r\ntext\r\n--${boundary}--\r\n`;
    const multipart = { "content-type": `multipart/form-data; boundary=${boundary}` };
    const sent = await ask(port, { method: "POST", path: "/files", headers: multipart, body });
    assert.equal(sent.status, 200, sent.body);
    const { lost } = JSON.parse((await ask(port, { path: "/lost" })).body);
    assert.deepEqual(lost, [], "the span was active everywhere");
    child.send("end");
    await once(child, "exit");
    await until(() => receiver.spans.length >= 10);

    const { spans } = receiver;
    const path: string[] = [];
    let at = spans.find((span) => span.name === "POST /votes/:shortcode");
    assert.equal(at?.parentSpanId, undefined);
    const { traceId } = at as ReceivedSpan;
    while (at !== undefined) {
      path.push(`${at.kind} ${at.name}`);
      assert.equal(at.traceId, traceId);
      const next = children(spans, at);
      assert.ok(next.length <= 1, "one child each");
      at = next[0];
    }
    assert.deepEqual(path, [
      "2 POST /votes/:shortcode",
      "3 POST",
      "2 POST /upload",
      "3 POST",
      "2 POST /plain",
      "1 work",
    ]);
    const files = spans.find((span) => span.name === "POST /files");
    assert.equal(children(spans, children(spans, files)[0])[0]?.name, "POST /json");
  });
}
