import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const fences = [...readme.matchAll(/```(\w*)\n(.*?)```/gs)];

test("README: the first example prints what it says", () => {
  const example = fences.findIndex(([, language]) => language === "ts");
  const args = ["--conditions=@whodunit/source", "--input-type=module", "--eval", fences[example]![2]!];
  const printed = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" });
  assert.equal(printed, fences[example + 1]![2]);
});

test("README: says what a wrong option throws", () => {
  const kinds = { email: true as unknown as false };
  const message = /`(createRedactor: option [^`]*)`/.exec(readme);
  assert.throws(() => createRedactor({ kinds }), { message: message![1]!.replace("\n", " ") });
});
