import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CARRIERS } from "../../redaction/test/helpers/carriers.ts";
import { SEED } from "../../redaction/test/helpers/random.ts";
import { makeSecrets, type Secret } from "../../redaction/test/helpers/secrets.ts";
import { type Logger, withContext } from "../src/index.ts";
import { assertNoSecrets, captureLogs } from "../src/testing.ts";

process.env.NODE_ENV = "test";

const PER_KIND = 32;

/** Every way by which a value may get into a line. */
const PATHS: Readonly<Record<string, (log: Logger, value: unknown, secret: Secret) => void>> = {
  field: (log, value) => log.error("x", { value1: value }),
  "the fields themselves": (log, value) => log.error("x", value as never),
  child: (log, value) => log.child({ detail: value }).error("x"),
  context: (log, value) => withContext({ detail: value }, () => log.error("x")),
  err: (log, value) => log.error("x", { err: value }),
  "pino's object": (log, value) => log.pino.info({ detail: value }, "some text"),
  "pino's name and fields": (log, value) => log.pino.warn("failed", { detail: value }),
  "pino's child": (log, value) => log.pino.child({ detail: value }).error("text"),
  "pino's setBindings": (log, value) => {
    const child = log.pino.child({});
    child.setBindings({ detail: value });
    child.info("text");
  },
  "pino's %o": (log, value) => log.pino.info("got %o", value as never),
  "pino's %j": (log, value) => log.pino.info("got %j and %O", value as never, value as never),
  "pino's error": (log, value) => log.pino.fatal(value as never),
  "pino's serializer": (log, value) =>
    log.pino.child({}, { serializers: { detail: () => value } }).info({ detail: 1 }, "text"),
};

/** Ways for a secret that is text. */
const TEXT_PATHS: Readonly<Record<string, (log: Logger, text: string) => void>> = {
  "pino's text": (log, text) => log.pino.info(`failed: ${text}`),
  "pino's %s": (log, text) => log.pino.warn("failed: %s", text),
  "pino's prefix": (log, text) => log.pino.child({}, { msgPrefix: `${text} ` }).warn("failed"),
  "an error's message": (log, text) => log.pino.error(new Error(text)),
  "an error as the fields": (log, text) => log.error("x", new Error(text)),
};

describe("no leak", () => {
  const secrets = makeSecrets(SEED, PER_KIND);

  it("has a corpus of at least 600 secrets over 14 kinds", () => {
    assert.ok(secrets.length >= 600, `${secrets.length}`);
    assert.ok(new Set(secrets.map((secret) => secret.kind)).size >= 14);
  });

  for (const carrier of CARRIERS) {
    it(`of any secret carried by ${carrier.name}, whatever its path`, () => {
      const found: string[] = [];
      for (const [path, write] of Object.entries(PATHS)) {
        for (const secret of secrets) {
          const capture = captures.get(path) ?? start(path);
          capture.clear();
          write(capture.logger, carrier.wrap(secret), secret);
          const { text } = capture;
          assert.equal(text.split("\n").length, 2, `${path}: one line`);
          JSON.parse(text);
          if (leaks(text, secret)) found.push(`${secret.kind} by ${path}: ${text}`);
        }
      }
      assert.deepEqual(found, [], `seed ${SEED}`);
    });
  }

  it("of any secret in text, whatever its path", () => {
    const found: string[] = [];
    for (const [path, write] of Object.entries(TEXT_PATHS)) {
      for (const secret of secrets) {
        const capture = start(path);
        write(capture.logger, secret.text);
        if (leaks(capture.text, secret)) found.push(`${secret.kind} by ${path}: ${capture.text}`);
      }
    }
    assert.deepEqual(found, [], `seed ${SEED}`);
  });

  it("is what assertNoSecrets() finds too", () => {
    const [secret] = secrets;
    const capture = captureLogs({ redact: false });
    capture.logger.error("x", { detail: secret!.text });
    assert.throws(() => assertNoSecrets(capture.text), /Found 1 secret in/);
    const clean = captureLogs();
    for (const each of secrets) clean.logger.error("x", { detail: each.text });
    assertNoSecrets(clean.text);
  });
});

const captures = new Map<string, ReturnType<typeof captureLogs>>();

function start(path: string) {
  const capture = captureLogs();
  captures.set(path, capture);
  return capture;
}

// As it is, and as JSON escapes it.
function leaks(text: string, secret: Secret): boolean {
  return secret.needles.some((needle) => {
    const quoted = JSON.stringify(needle).slice(1, -1);
    return text.includes(needle) || text.includes(quoted) || text.includes(encodeURIComponent(needle));
  });
}
