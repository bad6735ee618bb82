import assert from "node:assert/strict";
import { createRedactor } from "@whodunit/redaction";
import { assertNoSecrets } from "@whodunit/redaction/testing";

const redactor = createRedactor();
const clean = redactor.redactValue({ user: { password: "hunter22" }, text: "mail ada@example.org" });
assert.doesNotMatch(JSON.stringify(clean), /hunter22|ada@example/);
assertNoSecrets(JSON.stringify(clean));
