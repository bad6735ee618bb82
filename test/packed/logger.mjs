import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createLogger } from "@whodunit/logger";
import { captureLogs } from "@whodunit/logger/testing";
import "@whodunit/logger/node";

const lines = [];
const log = createLogger({ service: "alone", destination: { write: (line) => lines.push(line) } });
log.child("packed").error("fail", { password: "hunter22", err: new Error("down") });
assert.equal(lines.length, 1);
assert.equal(JSON.parse(lines[0]).msg, "alone-packed-fail");
assert.doesNotMatch(lines[0], /hunter22/);
assert.equal(typeof captureLogs, "function");
assert.equal(existsSync("node_modules/@opentelemetry/sdk-node"), false, "no SDK comes with the logger");
