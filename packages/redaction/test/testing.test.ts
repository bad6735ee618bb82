import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { assertNoSecrets } from "@whodunit/redaction/testing";
import { SEED } from "../../../test/helpers/random.ts";
import { leftOut, runs } from "../../../test/helpers/scale.ts";
import { makeSecrets } from "../../../test/helpers/secrets.ts";
import { makeBenign } from "./helpers/benign.ts";
import { CARRIERS } from "./helpers/carriers.ts";

function failure(output: string | string[], options?: Parameters<typeof assertNoSecrets>[1]): string {
  try {
    assertNoSecrets(output, options);
  } catch (error) {
    assert.ok(error instanceof assert.AssertionError);
    return error.message;
  }
  return "passed";
}

test("assertNoSecrets() names line, place and kind", () => {
  const lines = [
    '{"level":"debug","msg":"a","user":{"password":"hunter2","mail":"to ada@example.com"}}',
    "plain text with Bearer 5e2f8a91c0d7",
    '{"headers":["cookie","a=b"],"list":[{"name":"token","value":"abc"}],"id":4111111111111111}',
    '{"ada@example.com":1}',
    "{ not JSON, password=hunter2",
  ];
  assert.equal(
    failure(lines),
    `Found 8 secrets in 5 lines:
  line 1, user.password: secret
  line 1, user.mail at character 4: email
  line 2, character 24: auth
  line 3, headers[1]: secret
  line 3, list[0].value: secret
  line 3, id at character 1: card
  line 4, a key of the line at character 1: email
  line 5, character 22: secret`,
  );
  assert.equal(failure(lines.join("\n")), failure(lines));
  assert.equal(failure("x ada@example.com"), "Found 1 secret in 1 line:\n  line 1, character 3: email");
});

test("assertNoSecrets() finds every secret of the corpus that was not redacted, and shows none", () => {
  for (const { text, needles, field } of makeSecrets(SEED, runs(10))) {
    for (const line of [JSON.stringify({ msg: text }), JSON.stringify({ [field[0]]: field[1] }), text]) {
      const message = failure(line);
      assert.match(message, /^Found \d+ secrets? in/, line);
      for (const needle of needles) assert.ok(!message.includes(needle), message);
    }
  }
});

const ACTIONS = ["mask", "partial", "pseudonym"] as const;
const isLeftOut = leftOut(ACTIONS, 1);
const isCarrierLeftOut = leftOut(CARRIERS, 10);

for (const action of ACTIONS) {
  test(`assertNoSecrets() passes what redaction put in the place of the corpus by ${action}`, {
    skip: isLeftOut(action),
  }, () => {
    const { redactValue } = createRedactor({ action, pseudonymKey: "0123456789abcdef" });
    for (const secret of makeSecrets(SEED, 1)) {
      for (const carrier of CARRIERS) {
        if (isCarrierLeftOut(carrier)) continue;
        const { name, wrap } = carrier;
        const line = JSON.stringify({ carrier: redactValue(wrap(secret)) });
        assert.equal(failure(line), "passed", `${name} ${line}`);
      }
    }
  });
}

test("assertNoSecrets() passes benign lines", () => {
  const failed = makeBenign(SEED, runs(20)).filter(
    ({ text }) => failure(JSON.stringify({ note: text })) !== "passed",
  );
  assert.ok(failed.length <= 1, failed.map(({ text }) => text).join("\n"));
  assertNoSecrets([]);
  assertNoSecrets("");
});

test("assertNoSecrets() takes a redactor's options", () => {
  assertNoSecrets('{"email":"ada@example.com"}', { kinds: { email: false } });
  assert.match(failure('{"badge":"B-1"}', { keys: ["badge"] }), /line 1, badge: secret/);
  assertNoSecrets('{"password":"***"}', { mask: "***" });
});

test("assertNoSecrets() lists twenty findings at most", () => {
  assert.match(
    failure(Array(30).fill("ada@example.com")),
    /^Found 30 secrets in 30 lines:\n(?: {2}line .*\n){20} {2}and 10 more$/,
  );
});
