import assert from "node:assert/strict";
import { createRedactor } from "@whodunit/redaction";
import { CLEAN, serialiserOf } from "@whodunit/redaction/serialiser";
import { assertNoSecrets } from "@whodunit/redaction/testing";

const redactor = createRedactor();
const clean = redactor.redactValue({ user: { password: "hunter22" }, text: "mail ada@example.org" });
assert.doesNotMatch(JSON.stringify(clean), /hunter22|ada@example/);
assertNoSecrets(JSON.stringify(clean));
assert.equal(serialiserOf(redactor).inspect("GET /users/:id"), CLEAN);
