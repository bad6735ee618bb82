import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { test } from "node:test";
import { createHealth } from "../../src/index.ts";
import { withHealth } from "../../src/node.ts";
import { createScriptedProbe, FakeClock, type ScriptedProbe } from "../../src/testing.ts";
import { listen } from "../helpers/adapters.ts";

/** Polls a status once; resolves to how long it took, in milliseconds. */
function poll(url: string, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.on("end", () => resolve(performance.now() - startedAt)).resume();
    });
    request.on("error", reject);
  });
}

test("1,000 pollers for 10 s cause at most 11 runs of a probe on an interval of 1 s, never two at once", {
  timeout: 120_000,
}, async (t) => {
  const probes = ["a", "b", "c"].map((name) => createScriptedProbe({ name, intervalMs: 1_000 }));
  const health = createHealth({ service: "web", probes: probes.map(({ probe }) => probe) });
  t.after(() => health.close());
  const startedAt = performance.now();
  const end = startedAt + 10_000;
  let counts: number[] | undefined;
  let elapsedMs = 0;
  const count = (): number[] => probes.map(({ runs }) => runs);
  const url = await listen(
    t,
    withHealth((_request, response) => response.end(), { health }),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  t.after(() => agent.destroy());
  let polls = 0;
  const poller = async (): Promise<void> => {
    while (performance.now() < end) {
      await poll(`${url}/health/status`, agent);
      polls++;
    }
    if (counts !== undefined) return;
    counts = count();
    elapsedMs = performance.now() - startedAt;
  };
  await Promise.all(Array.from({ length: 1_000 }, poller));
  assert.ok(polls > 1_000, `${polls}`);
  // Eleven in ten seconds; a loaded machine may take longer over the last poll.
  const most = Math.floor(elapsedMs / 1_000) + 1;
  for (const runs of counts ?? []) assert.ok(runs >= 1 && runs <= most, `${counts} in ${elapsedMs} ms`);
  assert.deepEqual(
    probes.map(({ maxRunning }) => maxRunning),
    [1, 1, 1],
  );
});

const percentile99 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] as number;

test("With one of 20 probes hung for ever every request is answered, as fast as with all well, and starts no probe", {
  timeout: 120_000,
}, async (t) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  t.after(() => agent.destroy());
  const start = async (first: "OK" | "HANG"): Promise<{ url: string; probes: ScriptedProbe[] }> => {
    const probes = Array.from({ length: 20 }, (_, index) =>
      createScriptedProbe(
        { name: `p${index}`, intervalMs: 1_000, timeoutMs: 100 },
        index === 0 ? first : "OK",
      ),
    );
    const clock = new FakeClock();
    const health = createHealth({ service: "web", probes: probes.map(({ probe }) => probe), clock });
    t.after(() => health.close());
    await clock.advance(60_000);
    return {
      url: await listen(
        t,
        withHealth((_request, response) => response.end(), { health }),
      ),
      probes,
    };
  };
  const [well, hung] = [await start("OK"), await start("HANG")];
  const before = [...well.probes, ...hung.probes].map(({ runs }) => runs);
  const round = async (url: string): Promise<number> => {
    const times: number[] = [];
    for (let batch = 0; batch < 50; batch++) {
      times.push(
        ...(await Promise.all(Array.from({ length: 10 }, () => poll(`${url}/health/status`, agent)))),
      );
    }
    return percentile99(times);
  };
  const [wellRounds, hungRounds]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 9; turn++) {
    wellRounds.push(await round(well.url));
    hungRounds.push(await round(hung.url));
  }
  // The median of the one within the spread of the other: the machine's own noise is in both.
  const median = hungRounds.toSorted((a, b) => a - b)[4] as number;
  assert.ok(median <= Math.max(...wellRounds), `${hungRounds} beside ${wellRounds}`);
  assert.deepEqual(
    [...well.probes, ...hung.probes].map(({ runs }) => runs),
    before,
  );
  assert.equal(hung.probes[0]?.maxRunning, 2);
});
