import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { type TestContext, test } from "node:test";
import { withHealth } from "../../src/node.ts";
import { createScriptedProbe } from "../../src/testing.ts";
import { listen } from "../helpers/adapters.ts";
import { watch } from "../helpers/watch.ts";

/** Polls an address as so many clients at once, each on a connection of its own; resolves to the answers. */
function startPollers(t: TestContext, url: string, count: number): () => Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  t.after(() => agent.destroy());
  const poll = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = get(url, { agent }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve(body));
      });
      request.on("error", reject);
    });
  return () => Promise.all(Array.from({ length: count }, poll));
}

test("1,000 pollers for 10 s cause at most 11 runs of a probe on an interval of 1 s, never two at once", {
  timeout: 600_000,
}, async (t) => {
  const probes = ["a", "b", "c"].map((name) => createScriptedProbe({ name, intervalMs: 1_000 }));
  const { clock, health } = watch(t, { probes: probes.map(({ probe }) => probe) });
  const url = await listen(
    t,
    withHealth((_request, response) => response.end(), { health }),
  );
  const poll = startPollers(t, `${url}/health/status`, 1_000);
  for (let second = 0; second < 10; second++) {
    assert.equal(new Set(await poll()).size, 1, "all are told the same between two runs");
    await clock.advance(1_000);
  }
  assert.deepEqual(
    probes.map(({ runs }) => runs),
    [11, 10, 10],
  );
  assert.deepEqual(
    probes.map(({ maxRunning }) => maxRunning),
    [1, 1, 1],
  );
});

test("With one of 20 probes hung for ever every request is answered by the same bytes, and starts no probe", {
  timeout: 600_000,
}, async (t) => {
  const probes = Array.from({ length: 20 }, (_, index) =>
    createScriptedProbe(
      { name: `p${index}`, intervalMs: 1_000, timeoutMs: 100 },
      index === 0 ? "HANG" : "OK",
    ),
  );
  const { clock, health } = watch(t, { probes: probes.map(({ probe }) => probe) });
  await clock.advance(60_000);
  const url = await listen(
    t,
    withHealth((_request, response) => response.end(), { health }),
  );
  const before = probes.map(({ runs }) => runs);
  const poll = startPollers(t, `${url}/health/status`, 100);
  const bodies = new Set<string>();
  for (let turn = 0; turn < 20; turn++) for (const body of await poll()) bodies.add(body);
  assert.equal(bodies.size, 1);
  assert.match([...bodies][0] ?? "", /^\[\{"Name":"p0","Status":"TIMEOUT"/);
  assert.deepEqual(
    probes.map(({ runs }) => runs),
    before,
  );
});
