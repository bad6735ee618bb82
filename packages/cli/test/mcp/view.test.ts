import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "../../src/index.ts";
import { assistant } from "../helpers/assistant.ts";
import { type Call, sendCalls } from "../helpers/calls.ts";
import { logsRequest, postLogs, text } from "../helpers/otlp-logs.ts";

const VOTE: readonly Call[] = [
  { from: "bot", to: "web", route: "POST /api/vote", ms: 30 },
  { from: "web", to: "voting", route: "POST /votes/:id", ms: 20 },
];

test("an assistant of whodunit mcp --view alone asks the running view by every tool, about now and a moment past", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await sendCalls(view, 80, VOTE);
  await sendCalls(
    view,
    20,
    VOTE.map((call) => ({ ...call, failed: true })),
  );
  const minuteAgo = new Date(Date.now() - 60_000).toISOString();
  const change = { probe: "mydb", from: "OK", to: "TIMEOUT", since: minuteAgo, at: minuteAgo };
  const attributes = Object.entries(change).map(([key, value]) => text(key, value));
  const body = { stringValue: "voting-health-mydb-timeout" };
  await postLogs(view.url, logsRequest("voting", [{ body, attributes }]));
  const { ask } = await assistant(t, ["--view", view.url]);
  const place = `spans in ${view.url}`;

  const verdict = await ask("investigate");
  assert.match(
    verdict.structured.answer,
    /^The culprit is ⟦voting⟧.*20 of 100 requests.*suffering ⟦web⟧.*on the way ⟦bot → web → voting⟧/,
  );
  const { facts, claims } = verdict.structured;
  assert.deepEqual([facts.service, facts.route, facts.failures], ["⟦voting⟧", "⟦POST /votes/:id⟧", 20]);
  assert.equal(
    claims[0]?.source,
    `server series of ⟦voting⟧, peer ⟦web⟧, route ⟦POST /votes/:id⟧, 60 s, ${place}`,
  );
  assert.ok(
    claims.some(
      ({ claim, source }) =>
        claim === "⟦voting says mydb is TIMEOUT⟧" && source === `health_probe_status of ⟦voting⟧, ${place}`,
    ),
    verdict.text,
  );
  const seen = claims.filter(({ source }) => source.endsWith(`in ${view.url}`) && source.startsWith("trace"));
  assert.ok(seen.length > 0, verdict.text);

  const stat = await ask("stat", { service: "voting" });
  assert.match(stat.structured.claims[0]!.claim, /^⟦voting⟧ ⟦POST \/votes\/:id⟧: success 80\.00%/);
  assert.equal(stat.structured.claims[0]!.source, `server series of ⟦voting⟧, 60 s, ${place}`);
  assert.match((await ask("edges", { service: "voting" })).text, /⟦web⟧ calls ⟦voting⟧: success 80\.00%/);
  const health = await ask("health");
  assert.equal(health.structured.answer, "1 of 1 services say that a probe of theirs is not OK.");

  const at = new Date(Date.now() - 86_400_000).toISOString();
  for (const tool of ["investigate", "stat", "edges"]) {
    const { isError, text: said } = await ask(tool, { at });
    assert.ok(isError, tool);
    assert.match(said, /holds no spans of requests of that time/);
  }
  assert.match((await ask("stat", { at: "2999-01-01T00:00:00Z" })).text, /is still to come/);
});
