import assert from "node:assert/strict";
import { createDebugToken, isName, verifyDebugToken } from "@whodunit/core";

assert.equal(isName("web-api"), true);
assert.equal(verifyDebugToken("a secret of some length", createDebugToken("a secret of some length")), true);
