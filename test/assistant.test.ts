import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startReceiver } from "whodunit";
import { assistant } from "../packages/cli/test/helpers/assistant.ts";
import { until } from "./helpers/until.ts";

const CHAIN = fileURLToPath(new URL("./helpers/voting-chain.ts", import.meta.url));

async function start(t: TestContext, env: Record<string, string>): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@whodunit/source", CHAIN], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  t.after(() => child.kill());
  const [url] = (await once(child, "message")) as [string];
  return url;
}

test("an assistant learns from real services and a running view who fails, and sees the failing trace", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: view.url, OTEL_BSP_SCHEDULE_DELAY: "100" };
  const voting = await start(t, { ...env, SERVICE: "voting", FAILS: "true" });
  const web = await start(t, { ...env, SERVICE: "web", UPSTREAM: voting });
  for (let i = 0; i < 40; i++) await (await fetch(web)).arrayBuffer();

  const { ask } = await assistant(t, [web, voting, "--view", view.url]);
  const { structured } = await ask("investigate");
  assert.deepEqual(
    [structured.facts.verdict, structured.facts.service, structured.facts.fault],
    ["culprit", "⟦voting⟧", "errors"],
  );
  const [, traceId = ""] = /^⟦([\da-f]{32})⟧$/.exec(String(structured.facts.traceId))!;
  await until(async () => (await ask("traces", { traceId })).structured.claims.length === 3);
  const { structured: trace } = await ask("traces", { traceId });
  assert.match(trace.claims[0]!.claim, /of ⟦web⟧, .*failed/);
  assert.match(trace.claims[2]!.claim, /^depth 2: .* of ⟦voting⟧, .*failed/);
  for (const tool of ["stat", "edges"]) assert.match((await ask(tool)).text, /⟦voting⟧.*success 0\.00%/);
  assert.match((await ask("health")).text, /answered 500, not JSON/);
});
