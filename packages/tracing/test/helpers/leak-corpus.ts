import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { KNOWN_SECRETS } from "../../../../test/helpers/secrets.ts";
import { suppress } from "../../src/context/suppress.ts";
import { tracer, withSpan } from "../../src/index.ts";
import { ask, type Question } from "./tracing.ts";

// Each is written where its case says, and must never be found outside.
const { JWT, PASSWORD, CARD, EMAIL, AWS, GITHUB, BASIC } = KNOWN_SECRETS;

/** A way for a secret to get in. Each makes spans, and a request that traffic counts and tap shows. */
export interface LeakCase {
  readonly name: string;
  /** `port` is that of a service that answers whatever it is asked, see {@link FAILING}. */
  readonly leak: (port: number) => Promise<void> | void;
}

const fromOutside = (port: number, question: Question): Promise<unknown> =>
  context.with(suppress(ROOT_CONTEXT), () => ask(port, question));

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
];

const HEADERS: Record<string, string>[] = [
  { authorization: `Bearer ${PASSWORD}` },
  { authorization: `Basic ${BASIC}` },
  { "proxy-authorization": `Basic ${BASIC}` },
  { cookie: `sid=${PASSWORD}` },
  { "x-api-key": PASSWORD },
  { referer: `https://a.example/?token=${PASSWORD}` },
  { "user-agent": `bot ${EMAIL}` },
  { "user-agent": `bot token=${PASSWORD}` },
  { host: `ada:${PASSWORD}@shop.example` },
  { "x-forwarded-for": EMAIL },
  // What a caller says of itself is a claim, and may be anything.
  {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: `whodunit=${EMAIL}:b7ad6b7169203331`,
  },
  {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: `whodunit=${GITHUB}:b7ad6b7169203331,vendor=${JWT}`,
  },
  { baggage: `email=${encodeURIComponent(EMAIL)}` },
  { baggage: `password=${PASSWORD},card=${CARD}` },
  { baggage: `token=${JWT};secret=${PASSWORD}` },
];

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
  { "db.connection_string": `postgres://u:${PASSWORD}@db/orders` },
  { [`for ${EMAIL}`]: 1 },
  { key: AWS },
  { text: `token ${GITHUB}` },
];

const QUERIES = [
  `SELECT * FROM users WHERE email = '${EMAIL}'`,
  `SELECT * FROM users WHERE password = '${PASSWORD}'`,
  `UPDATE t SET card = '${CARD}'`,
  `INSERT INTO tokens VALUES ('${JWT}', '${GITHUB}')`,
];

/** What fails in the service, by the number in `/fails/:n`. */
export const FAILING: readonly Error[] = [
  `no user ${EMAIL}`,
  `login failed, password=${PASSWORD}`,
  `bad token ${JWT}`,
  `connect to postgres://u:${PASSWORD}@db/orders failed`,
  `card ${CARD} declined`,
  `{"authorization":"Bearer ${GITHUB}"}`,
  ...QUERIES,
  `AccessDenied for ${AWS}`,
].map((message) => new Error(message, { cause: new Error(message) }));
FAILING.forEach((error, n) => {
  // Codes and names become classes of traffic.
  if (n === 0) Object.assign(error, { code: `E ${EMAIL}` });
  if (n === 1) error.name = `Error of ${JWT}`;
});

const message = (error: Error): string => error.message;

/** Cases that go through requests, helpers and the OpenTracing API. */
export const CASES: readonly LeakCase[] = [
  ...PATHS.map((path) => ({ name: `asked for ${path}`, leak: ask_(path) })),
  ...PATHS.map((path) => ({ name: `asks for ${path}`, leak: (port: number) => fetch_(port, path) })),
  ...HEADERS.map((headers) => ({
    name: `headers ${JSON.stringify(headers)}`,
    leak: async (port: number) => void (await fromOutside(port, { path: "/x", headers })),
  })),
  {
    name: "userinfo of an address asked",
    leak: (port) => get(`http://ada:${PASSWORD}@127.0.0.1:${port}/x`),
  },
  { name: "userinfo in the request line", leak: absoluteForm },
  {
    name: "a route named after its user",
    leak: async (port) => void (await fromOutside(port, { path: `/named/${EMAIL}` })),
  },
  ...FAILING.map((error, n) => ({
    name: `the service throws ${message(error)}`,
    leak: async (port: number) => void (await fromOutside(port, { path: `/fails/${n}` })),
  })),
  ...FAILING.map((error) => ({
    name: `a call throws ${message(error)}`,
    leak: () => {
      try {
        withSpan("call", { peer: "db" }, (span) => {
          span.log({ event: "error", "error.object": error }).log({ event: "error", message: error.message });
          throw error;
        });
      } catch {
        // What is of interest is what was recorded of it.
      }
    },
  })),
  ...TAGS.map((tags) => ({
    name: `tags ${JSON.stringify(tags)}`,
    leak: () =>
      withSpan("tags", { peer: "db", tags }, (span) => {
        span.addTags(tags).log({ event: "log", ...tags });
        for (const [key, value] of Object.entries(tags))
          span.setTag(key, value).logEvent("payload", { [key]: value });
      }),
  })),
  ...QUERIES.map((text) => ({
    name: `query ${text}`,
    leak: () =>
      withSpan(text, { peer: "db", tags: { "db.query.text": text, "db.statement": text } }, () => {}),
  })),
  {
    name: "a peer with a password",
    leak: () => withSpan("connect", { peer: `postgres://u:${PASSWORD}@db/orders` }, () => {}),
  },
  {
    name: "names of spans and events",
    leak: () => {
      const span = tracer.startSpan(`mail ${EMAIL}`, { peer: EMAIL });
      span.setOperationName(`mail to ${EMAIL}`).log({ event: `sent to ${EMAIL}` });
      span.finish();
    },
  },
];

/** Cases that go past our API, through OpenTelemetry's own. */
export const OTEL_CASES: readonly LeakCase[] = [
  ...TAGS.map((tags) => ({
    name: `attributes ${JSON.stringify(tags)}`,
    leak: () =>
      withSpan("raw", { peer: "db" }, ({ otel }) => {
        otel.setAttributes(tags as never).addEvent(`event ${EMAIL}`, tags as never);
        otel.addLink({
          context: { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 },
          attributes: tags as never,
        });
        otel.setAttribute("bytes", Buffer.from(`password=${PASSWORD}`) as never);
      }),
  })),
  ...FAILING.map((error) => ({
    name: `a status of ${message(error)}`,
    leak: () =>
      withSpan("status", { peer: "db" }, ({ otel }) => {
        otel.setStatus({ code: 2, message: error.message }).recordException(error);
      }),
  })),
];

/** The secrets found in a text, as they are and percent-encoded, with what is around them. */
export function secretsIn(text: string): string[] {
  return Object.values(KNOWN_SECRETS)
    .flatMap((secret) => [...new Set([secret, encodeURIComponent(secret)])])
    .flatMap((form) => {
      const at = text.indexOf(form);
      return at === -1 ? [] : [`${form} in …${text.slice(Math.max(0, at - 80), at + 60)}…`];
    });
}

function ask_(path: string): LeakCase["leak"] {
  return async (port) => void (await fromOutside(port, { path }));
}

async function fetch_(port: number, path: string): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}${path}`)).arrayBuffer();
}

function get(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, (response) => response.resume().on("end", resolve));
    request.on("error", reject).end();
  });
}

/** A request as proxies get it, with the whole address in its first line. */
function absoluteForm(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `GET http://ada:${PASSWORD}@shop.example/x HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`,
    );
    socket.on("error", reject).on("close", () => resolve());
    socket.resume();
  });
}
