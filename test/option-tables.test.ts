import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";

/** Where the options of a type are told, by the report that has the type: tables whose first column is headed so. */
const TOLD: readonly (readonly [readme: string, report: string, type: string, heading: RegExp])[] = [
  ["redaction", "redaction", "RedactorOptions", /^option$/],
  ["logger", "logger", "LoggerOptions", /^option$/],
  ["health", "health", "HealthOptions", /^option$/],
  ["health", "health", "ProbeSettings", /^probe's option$/],
  ["tracing", "tracing", "TracingOptions", /^option$/],
  ["cli", "whodunit", "ReceiverOptions", /^`startReceiver` option$/],
];

/** The properties of an interface, without what it extends. */
function propertiesOf(report: string, type: string): string[] {
  const text = readFileSync(`${ROOT}api/${report}.d.ts`, "utf8");
  const body = new RegExp(`^(?:export )?interface ${type}\\b[^{]*\\{\\n(.*?)^\\}`, "ms").exec(text)?.[1];
  assert.ok(body !== undefined, `${type} is in api/${report}.d.ts`);
  return [...body.matchAll(/^ {4}readonly (\w+)\??:/gm)].map(([, name = ""]) => name);
}

/** The names in the first column of the one table that is headed so. */
function rowsOf(markdown: string, heading: RegExp): string[] {
  const tables = markdown.split(/\n{2,}/).filter((block) => heading.test(cellOf(block)));
  assert.equal(tables.length, 1, `tables headed ${heading}`);
  const rows = tables[0]!.trim().split("\n").slice(2);
  return rows.flatMap((row) => [...cellOf(row).matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
}

const cellOf = (row: string): string => /^\| *(.*?) *\|/.exec(row)?.[1] ?? "";

for (const [readme, report, type, heading] of TOLD) {
  test(`packages/${readme}/README.md tells every option of ${type}, and none that is not there`, () => {
    const markdown = readFileSync(`${ROOT}packages/${readme}/README.md`, "utf8");
    assert.deepEqual(rowsOf(markdown, heading).sort(), propertiesOf(report, type).sort());
  });
}
