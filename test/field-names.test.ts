import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, type LoggerOptions } from "@whodunit/logger";
import { startReceiver } from "whodunit";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { ROOT } from "../scripts/packages.ts";
import { until } from "./helpers/until.ts";

const SETS = [undefined, "ecs", "gcp", "datadog"] as const;

function lineOf(fieldNames: LoggerOptions["fieldNames"] | undefined): string {
  let written = "";
  const names = fieldNames === undefined ? {} : { fieldNames };
  const destination = {
    write(line: string) {
      written += line;
    },
  };
  const log = createLogger({ service: "api", level: "debug", ...names, destination });
  log.child("purchase").error("fail-redeem", { AccountID: "5c522f9b" });
  return written;
}

test("the lines of docs/field-names.md are what the logger writes", async () => {
  const page = await readFile(`${ROOT}docs/field-names.md`, "utf8");
  const shown = (/```json\n(.*?)```/s.exec(page)?.[1] ?? "").trim().split("\n");
  const timeless = (line: string) => line.trim().replace(/\d{4}-[\d\-T:.]+Z/, "");
  assert.deepEqual(
    shown.map(timeless),
    SETS.map((set) => timeless(lineOf(set))),
  );
});

test("whodunit summary and view read a logger's lines under all of its field names", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "whodunit-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const set of SETS) {
    const stdin = lineOf(set) + lineOf(set);
    const { stdout, stderr } = await whodunit(["summary", "--name", "x", "--since", "1h"], { stdin });
    assert.deepEqual(
      [stdout, stderr],
      ["CTRL Daily Summary   x   2\n\napi-purchase-fail-redeem  2\n", ""],
      set,
    );

    const view = await startReceiver({ port: 0 });
    t.after(() => view.close());
    const file = join(folder, `${set}.log`);
    await writeFile(file, stdin);
    // Goes on until the view is closed.
    void view.follow(file);
    const search = ["--service", "api", "--level", "error", "--name", "api-purchase-fail-redeem"];
    const lines = async (): Promise<{ fields: object }[]> =>
      JSON.parse((await whodunit(["lines", "--view", view.url, ...search, "-o", "json"])).stdout);
    await until(async () => (await lines()).length === 2);
    const found = await lines();
    assert.deepEqual(found[0]!.fields, { AccountID: "5c522f9b" }, set);
  }
});
