import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { getGlobalDispatcher, setGlobalDispatcher, Agent as UndiciAgent } from "undici";
import { until } from "../../../../test/helpers/until.ts";
import { recordTracing } from "../../src/testing.ts";

/** A server that answers nobody. */
async function silentServer(t: TestContext): Promise<string> {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("resources tell who waits for a socket of an agent that has few of them for all, and not what was given up", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const peer = await silentServer(t);
  const agent = new Agent({ maxTotalSockets: 1, keepAlive: true });
  t.after(() => agent.destroy());
  const calls = Array.from({ length: 5 }, () => {
    const call = request(`http://${peer}/`, { agent }).end();
    call.on("error", () => {});
    return call;
  });
  for (const call of calls.slice(3)) call.destroy();
  const waits = () => recorder.traffic.snapshot().resources[0]?.waits ?? [];
  await until(() => waits().length > 0);
  const [one] = waits();
  assert.deepEqual(one, { kind: "sockets", name: peer, waiting: 2, size: 1 });
});

test("resources tell who waits for one of the connections that fetch has to an origin, be they several or one", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const usual = getGlobalDispatcher();
  t.after(() => setGlobalDispatcher(usual));
  const expected = new Set<string>();
  for (const connections of [1, 2]) {
    const dispatcher = new UndiciAgent({ connections });
    setGlobalDispatcher(dispatcher);
    t.after(() => dispatcher.destroy());
    const peer = await silentServer(t);
    for (let i = 0; i < 5; i++) void fetch(`http://${peer}/`).catch(() => {});
    const waits = () => recorder.traffic.snapshot().resources[2]?.waits ?? [];
    await until(() => waits().some(({ name }) => name === peer));
    const { size } = waits().find(({ name }) => name === peer)!;
    expected.add(`${connections} ${size}`);
  }
  assert.deepEqual([...expected], ["1 1", "2 2"]);
});
