import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parser } from "@grafana/lezer-logql";
import { walk } from "../../../../test/helpers/walk.ts";

const PAGE = await readFile(new URL("../../../../docs/logs-of-many-machines.md", import.meta.url), "utf8");

function mistakes(query: string): number {
  let count = 0;
  parser.parse(query).iterate({
    enter: ({ type }) => {
      if (type.isError) count += 1;
    },
  });
  return count;
}

test("every LogQL query of docs/logs-of-many-machines.md is one to Grafana's own parser", () => {
  const queries = [...PAGE.matchAll(/^```logql\n(.*?)^```$/gms)].map(([, query = ""]) => query);
  assert.equal(queries.length, 4);
  for (const query of queries) assert.equal(mistakes(query), 0, query);
  assert.notEqual(mistakes(queries[0]!.replace("| json", "| | json")), 0, "it tells what is no query");
});

// As sshd does: what stands behind the machine's name is joined, and the user's shell there reads it.
const SSH = (folder: string): string => `#!/bin/sh
cd ${folder}/$1 && shift && exec sh -c "$*"
`;

test("the summaries of docs/logs-of-many-machines.md add up to what the page shows", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "whodunit-"));
  t.after(() => rm(folder, { recursive: true }));
  const [redeem, account] = [
    "api-purchase-fail-redeem",
    "api-sync-fail-customer-info-err_account_not_active",
  ];
  await writeFile(join(folder, "ssh"), SSH(folder), { mode: 0o755 });
  for (const [node, counts] of Object.entries({ anna: [3, 41], bert: [4, 0] })) {
    const time = new Date().toISOString();
    const lines = [redeem, account].flatMap((msg, i) =>
      Array.from({ length: counts[i]! }, () => JSON.stringify({ level: "error", time, msg })),
    );
    await mkdir(join(folder, node));
    await writeFile(join(folder, node, "one.log"), lines.slice(0, 2).join("\n"));
    await writeFile(join(folder, node, "two.log"), lines.slice(2).join("\n"));
  }
  const options = {
    cwd: folder,
    places: { "ssh ": "./ssh ", "/var/log/api/": "" },
  };
  await walk(t, "docs/logs-of-many-machines.md", options, async (page) => {
    await page.type(/^mkdir /);
    await page.type(/^ssh anna /);
    await page.type(/^ssh bert /);
    await page.type(/^whodunit summary /, { isExact: true });
  });
});
