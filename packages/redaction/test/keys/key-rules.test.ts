import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const SENSITIVE =
  "password PASSWORD userPassword user_password user.password X-Api-Key apiKey APIKey api_key apikey accessToken " +
  "access_tokens ACCESS_TOKEN refreshToken Authorization Proxy-Authorization cookie set-cookie Set-Cookie cookies " +
  "sessionId session_id connect.sid csrfToken xsrf clientSecret client-secret stripeToken mysql_pwd pwd passphrase " +
  "privateKey signing_key credentials creds cvv cvv2 cvc cardNumber card_number pan iban accountNumber ssn email " +
  "userEmail e-mail phone phoneNumber mobile dob dateOfBirth passport nationalId otp pin user[password] $password " +
  "passwordConfirmation password_hash apiKeyValue password2 tokens secrets auth pass X-Amz-Signature sig " +
  "AWSAccessKeyId aws_secret_access_key 密码password Contraseña " +
  "clientsecret proxyauthorization setcookie xapikey stripetoken mysqlpwd PGPASSWORD newpassword oldpassword " +
  "confirmpassword userpassword dbpassword mysqlpassword2 db_pass dbPass SMTP_PASS user_pass myDbPass passwordOld " +
  "password_old passwordNew api_token_new";

const HARMLESS =
  "author keyboard monkey shipping_id tokenCount passport_office passwordless secretary max_tokens total_tokens " +
  "tokenizer authority authenticated spin opinion panel company span compass bypass passenger cookieless " +
  "trespass pass_rate first_pass cookieConsent tokenized secretion threshold renew address_new passwordOldest " +
  "id name status address ipAddress hash key primaryKey foreignKey cacheKey sessionTimeout emailVerified " +
  "phonetic microphone signatureAlgorithm cardinality discard toString constructor __proto__ hasOwnProperty";

test("sensitiveKey() knows the names of secrets at the end of a key", () => {
  const { sensitiveKey } = createRedactor();
  for (const key of SENSITIVE.split(" ")) assert.equal(sensitiveKey(key), true, key);
});

test("sensitiveKey() leaves keys alone that only hold such a name", () => {
  const { sensitiveKey } = createRedactor();
  for (const key of HARMLESS.split(" ")) assert.equal(sensitiveKey(key), false, key);
  assert.equal(sensitiveKey(""), false);
});

test("sensitiveKey() judges a very long key by its end", () => {
  const { sensitiveKey } = createRedactor();
  assert.equal(sensitiveKey(`${"a".repeat(100_000)}_password`), true);
  assert.equal(sensitiveKey(`password_${"a".repeat(100_000)}`), false);
});

test("createRedactor() takes further keys, safe keys and an allow-list", () => {
  assert.equal(createRedactor({ keys: ["badge number"] }).sensitiveKey("staffBadgeNumber"), true);
  const safe = createRedactor({ safeKeys: ["session"] });
  assert.deepEqual([safe.sensitiveKey("session"), safe.sensitiveKey("session_token")], [false, true]);
  const allow = createRedactor({ allowKeys: ["user", "id", "password"] });
  assert.deepEqual(allow.redactValue({ user: { id: 1, nick: "ada", ok: true }, password: "x" }), {
    user: { id: 1, nick: "[Redacted]", ok: true },
    password: "[Redacted]",
  });
  assert.equal(allow.redactText("world=1"), "world=1");
  const named = createFullRedactor({ allowKeys: ["tags", "name", "value"] });
  const kept = { tags: ["red", "blue"], name: { name: "colour", value: "red" } };
  assert.deepEqual(named.redactValue(kept), kept);
  assert.deepEqual(
    [named.sensitiveItem(kept.tags, 1, "red", "blue"), named.sensitiveName(kept.name, "value")],
    [false, undefined],
  );
  assert.deepEqual(named.redactValue({ tags: ["cookie", "a"], name: { name: "pin", value: 1 } }), {
    tags: ["cookie", "[Redacted]"],
    name: { name: "pin", value: "[Redacted]" },
  });
});

test("createRedactor() without secrets still finds other kinds by their keys in text", () => {
  const { redactText, redactValue } = createRedactor({ kinds: { secret: false }, keys: ["badge number"] });
  assert.equal(
    redactText("password=x userEmail=ada phone: 017 --passport C01 badge_number=7"),
    "password=x userEmail=[Redacted] phone: [Redacted] --passport [Redacted] badge_number=[Redacted]",
  );
  assert.deepEqual(redactValue({ password: "x", phone: "017" }), { password: "x", phone: "[Redacted]" });
});

test("createRedactor() forgets the keys of a switched-off kind", () => {
  const redactor = createRedactor({ kinds: { email: false } });
  assert.equal(redactor.sensitiveKey("email"), false);
  assert.equal(redactor.redactText("ada@example.com"), "ada@example.com");
});
