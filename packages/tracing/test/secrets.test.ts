import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import Fastify from "fastify";
import { tracingPlugin } from "../src/fastify.ts";
import { tracer, withSpan } from "../src/index.ts";
import { suppress } from "../src/suppress.ts";
import { ask, listen, startTestTracing } from "./helpers/tracing.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
// What must never be found again; each is written where its case says.
const SECRETS = [
  "hunter2-5ecret",
  "4111111111111111",
  "ada.lovelace@example.org",
  JWT,
  "AKIAIOSFODNN7EXAMPLE",
  "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
] as const;
const [PASSWORD, CARD, EMAIL, , AWS, GITHUB] = SECRETS;

/** Paths a client may ask for. */
const PATHS = [
  `/x?password=${PASSWORD}`,
  `/x?token=${PASSWORD}&page=2`,
  `/x?access_token=${PASSWORD}`,
  `/x?api_key=${PASSWORD}`,
  `/x?client_secret=${PASSWORD}`,
  `/x?q=${encodeURIComponent(EMAIL)}`,
  `/x?q=${EMAIL}`,
  `/x?jwt=${JWT}`,
  `/x?anything=${JWT}`,
  `/x?card=${CARD}`,
  `/x?note=${CARD}`,
  `/x/${EMAIL}`,
  `/x/${JWT}`,
  `/x/${AWS}`,
  `/x/${CARD}`,
  `/x?sig=${PASSWORD}&X-Amz-Signature=${PASSWORD}`,
  `/x?key=${AWS}`,
  `/x?${PASSWORD}=1&password=${PASSWORD}`.replace(`${PASSWORD}=1&`, ""),
];

/** Tags a program may set. */
const TAGS: Record<string, unknown>[] = [
  { password: PASSWORD },
  { "user.password": PASSWORD },
  { userPassword: PASSWORD },
  { authorization: `Bearer ${PASSWORD}` },
  { "http.request.header.authorization": [`Bearer ${PASSWORD}`] },
  { "http.request.header.cookie": `sid=${PASSWORD}` },
  { api_key: PASSWORD },
  { note: `Authorization: Bearer ${JWT}` },
  { note: `mail to ${EMAIL}` },
  { note: `card ${CARD}` },
  { note: `password=${PASSWORD}` },
  { note: `{"password":"${PASSWORD}"}` },
  { note: `https://ada:${PASSWORD}@db.internal/orders` },
  { "url.full": `https://db.internal/?token=${PASSWORD}` },
  { list: ["fine", EMAIL] },
  { object: { nested: { password: PASSWORD } } },
  { object: { list: [{ email: EMAIL }] } },
  { "db.query.text": `SELECT * FROM users WHERE email = '${EMAIL}'` },
  { "db.query.text": `UPDATE t SET card = '${CARD}'` },
  { "db.connection_string": `postgres://u:${PASSWORD}@db/orders` },
  { [`for ${EMAIL}`]: 1 },
  { key: AWS },
  { text: `token ${GITHUB}` },
  { bytes: Buffer.from(`password=${PASSWORD}`) },
];

/** Errors a program may throw. */
const MESSAGES = [
  `no user ${EMAIL}`,
  `login failed, password=${PASSWORD}`,
  `bad token ${JWT}`,
  `connect to postgres://u:${PASSWORD}@db/orders failed`,
  `card ${CARD} declined`,
  `{"authorization":"Bearer ${GITHUB}"}`,
  `SELECT * FROM users WHERE email='${EMAIL}'`,
  `AccessDenied for ${AWS}`,
];

test(`no secret gets out by spans or traffic: ${PATHS.length * 2 + TAGS.length * 2 + MESSAGES.length * 3} cases`, async (t) => {
  const { spans, receiver, tracing } = await startTestTracing(t);
  const app = Fastify();
  await app.register(tracingPlugin);
  app.get("/fails/:n", async (request) => {
    throw new Error(MESSAGES[Number((request.params as { n: string }).n)]);
  });
  app.get("/*", async () => ({}));
  await app.ready();
  const port = await listen(
    t,
    createServer((request, response) => app.routing(request, response)),
  );

  const headers = {
    authorization: `Bearer ${PASSWORD}`,
    cookie: `sid=${PASSWORD}`,
    "user-agent": `bot ${EMAIL}`,
    baggage: `email=${encodeURIComponent(EMAIL)},password=${PASSWORD}`,
  };
  await context.with(suppress(ROOT_CONTEXT), async () => {
    for (const path of PATHS) await ask(port, { path, headers });
    for (const n of MESSAGES.keys()) await ask(port, { path: `/fails/${n}`, headers });
  });
  for (const path of PATHS) await (await fetch(`http://127.0.0.1:${port}${path}`)).arrayBuffer();
  for (const tags of TAGS) {
    withSpan("tags", (span) => span.addTags(tags).log({ event: "log", ...tags }));
    tracer.startSpan(`span of ${EMAIL}`, { tags, peer: "db" }).finish();
    withSpan("raw", (span) =>
      span.otel.setAttributes(tags as never).addEvent(`event ${EMAIL}`, tags as never),
    );
  }
  for (const message of MESSAGES) {
    assert.throws(() =>
      withSpan("throws", () => {
        throw new Error(message, { cause: new Error(message) });
      }),
    );
    withSpan("status", (span) =>
      span.otel.setStatus({ code: 2, message }).recordException(new Error(message)),
    );
  }

  const received = await spans();
  assert.ok(received.length >= 150, `${received.length} spans`);
  const outside = [
    ...receiver.bodies.map((body) => body.toString("latin1")),
    JSON.stringify(received, (_key, value) => (typeof value === "bigint" ? String(value) : value)),
    JSON.stringify(tracing.traffic.snapshot()),
  ];
  for (const secret of SECRETS) {
    for (const form of [secret, encodeURIComponent(secret)]) {
      for (const text of outside) {
        const at = text.indexOf(form);
        assert.equal(at, -1, `${form} in …${text.slice(Math.max(0, at - 120), at + 60)}…`);
      }
    }
  }
  assert.ok(received.some((span) => span.attributes.note === "mail to [Redacted]"));
});
