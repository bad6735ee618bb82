import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assistant } from "../helpers/assistant.ts";
import { deadAddress, fakeService, series } from "../helpers/fake-service.ts";

const PAGE = await readFile(new URL("../../../../docs/assistants.md", import.meta.url), "utf8");

test("the exchange of docs/assistants.md is what an assistant gets, and its table has the tools that there are", async (t) => {
  const bad = { failures: 31, count: 240, error: "DoughnutError" };
  const voting = await fakeService(t, "voting", [series("server", "web", "POST /votes", bad)], {
    health: { db: [{ status: "pass", state: "OK" }] },
  });
  const web = await fakeService(t, "web", [
    series("server", "unknown", "GET /vote", bad),
    series("client", voting.host, "POST /votes", bad),
  ]);
  const view = await deadAddress();
  const { client, ask } = await assistant(t, [web.url, voting.url, "--view", view]);

  const [, call = "", shown = ""] = /^```json\n(\{ "method".*?)\n```\n\n```text\n(.*?)\n```$/ms.exec(PAGE)!;
  const { name, arguments: input } = JSON.parse(call).params;
  const { text } = await ask(name, input);
  assert.equal(
    text.replaceAll(web.url, "http://web:3000").replaceAll(voting.url, "http://voting:3001"),
    shown,
  );

  const { tools } = await client.listTools();
  const told = [...PAGE.matchAll(/^\| `(\w+)` \|/gm)].map(([, tool]) => tool);
  assert.deepEqual(
    told,
    tools.map((tool) => tool.name),
  );
});
