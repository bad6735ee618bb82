import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startReceiver } from "whodunit";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { until } from "./helpers/until.ts";

const CHAIN = fileURLToPath(new URL("./helpers/voting-chain.ts", import.meta.url));

async function start(t: TestContext, env: Record<string, string>): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@whodunit/source", CHAIN], {
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  t.after(() => child.kill());
  const [url] = (await once(child, "message")) as [string];
  return url;
}

test("whodunit doctor sees of real services whose spans are accepted and whose are refused", async (t) => {
  const refusing = createServer((_request, response) => response.writeHead(403).end()).listen(0, "127.0.0.1");
  await once(refusing, "listening");
  t.after(() => refusing.close());
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  const to = (url: string) =>
    start(t, {
      SERVICE: "web",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    });
  const accepted = await to(view.url);
  const refused = await to(`http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
  const exporterOf = async (url: string): Promise<string> => {
    await (await fetch(url)).arrayBuffer();
    const { stdout } = await whodunit(["doctor", url]);
    return /^.*exporter .*(?:\n +→.*)?/m.exec(stdout)?.[0] ?? "";
  };
  await until(async () =>
    /ok {2}exporter +the receiver accepted \d+ of \d+ spans/.test(await exporterOf(accepted)),
  );
  await until(async () =>
    /no {2}exporter +\d+ of \d+ spans were dropped, most as rejected; 0 .*\n +→ OTEL_EXPORTER_OTLP_HEADERS/.test(
      await exporterOf(refused),
    ),
  );
});

test("whodunit doctor sees that two real services know each other, and what both of them lack", async (t) => {
  const voting = await start(t, { SERVICE: "voting", VERSION: "1.8.3" });
  const web = await start(t, { SERVICE: "web", UPSTREAM: voting });
  for (let i = 0; i < 3; i++) await (await fetch(web)).arrayBuffer();

  const { code, stdout } = await whodunit(["doctor", web, voting]);
  assert.equal(code, 1);
  const [ofWeb = "", ofVoting = ""] = stdout.split("\n\n");
  for (const part of [ofWeb, ofVoting]) {
    assert.match(part, /ok {2}access +\/debug\/\* answers this command, and no stranger/);
    assert.match(part, /ok {2}traffic +\d+ requests on 1 route/);
    assert.match(part, /no {2}routes +\d+ of \d+ requests/);
    assert.match(part, /ok {2}clock/);
    assert.match(part, /no {2}health/);
    assert.match(part, /no {2}level/);
  }
  assert.match(ofWeb, /no {2}version/);
  assert.match(ofVoting, /ok {2}version +1\.8\.3/);
  assert.match(ofVoting, /ok {2}callers +web is known by its name/);
});
