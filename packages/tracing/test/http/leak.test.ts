import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { requests } from "../../../../test/helpers/scale.ts";
import { startReceiver } from "../helpers/receiver.ts";

const CHILD = fileURLToPath(new URL("../helpers/leak-child.ts", import.meta.url));
// The child sends a quarter of them for warming up, in rounds of 400.
const REQUESTS = Math.max(1, Math.floor(requests(200_000) / 1_600)) * 1_600;

test(`${REQUESTS.toLocaleString("en")} requests, one in twenty aborted, leave no span open and nothing on the heap`, async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  // What arrives is counted by the sender; keeping it here would only cost time.
  receiver.answer = (_request, response) => {
    response.end();
    return false;
  };
  const child = spawn(
    process.execPath,
    ["--conditions=@whodunit/source", "--expose-gc", CHILD, String(REQUESTS)],
    {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "200" },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  const { grownBytes, ended, exported, pending, count, aborted } = JSON.parse(text);
  const all = REQUESTS * 1.25;
  assert.deepEqual(
    { ended, exported, pending },
    { ended: all, exported: all, pending: 0 },
    "each span ended once",
  );
  assert.deepEqual({ count, aborted }, { count: all * 0.95, aborted: all * 0.05 });
  assert.ok(grownBytes < 5 * 1_024 * 1_024, `the heap grew by ${grownBytes} bytes`);
});
