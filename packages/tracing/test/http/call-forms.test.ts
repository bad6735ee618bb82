import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type ClientRequest,
  createServer,
  get,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import {
  Client,
  Pool,
  pipeline as undiciPipeline,
  request as undiciRequest,
  stream as undiciStream,
} from "undici";
import { until } from "../../../../test/helpers/until.ts";
import { recordTracing } from "../../src/testing.ts";
import { listen } from "../helpers/tracing.ts";

/** One row each: what the callee does, how it is asked and read, and how the caller counts it. */
type Form = readonly [
  serve: keyof typeof SERVE,
  ask: (url: string, seen: Promise<unknown>) => Promise<unknown>,
  right: "success" | "failure" | "neither",
];

const SERVE = {
  all: (response: ServerResponse) => void response.end("x".repeat(1000)),
  much: (response: ServerResponse) => void response.end("x".repeat(5_000_000)),
  nothing: () => {},
  some: (response: ServerResponse) => {
    response.writeHead(200);
    response.write("x".repeat(100));
  },
  torn: (response: ServerResponse) => {
    response.write("x".repeat(100), () => response.socket?.destroy());
  },
  short: (response: ServerResponse) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("x", () => response.socket?.end());
  },
  closed: (response: ServerResponse) => void response.socket?.destroy(),
  failure: (response: ServerResponse) => void response.writeHead(500).end("no"),
};

const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const full = () => new Writable({ write: (_chunk, _encoding, done) => done(new Error("disk full")) });
const answerOf = async (made: ClientRequest): Promise<IncomingMessage> => {
  const [response] = (await once(made, "response")) as [IncomingMessage];
  return response.on("error", () => {});
};
const got = (url: string): Promise<IncomingMessage> => answerOf(get(url, { agent: false }));
const toItsClose = async (response: IncomingMessage): Promise<unknown> => once(response.resume(), "close");
const open = (url: string, options: object = {}): ClientRequest =>
  request(url, { agent: false, ...options })
    .on("error", () => {})
    .end();

// The reason that AbortSignal.timeout() gives.
const TIME_OVER = new DOMException("The operation was aborted due to timeout", "TimeoutError");

const FORMS: Readonly<Record<string, Form>> = {
  "T5: fetch() read by text()": ["all", async (url) => (await fetch(url)).text(), "success"],
  "T5: fetch() of a Request, read by arrayBuffer()": [
    "all",
    async (url) => (await fetch(new Request(url))).arrayBuffer(),
    "success",
  ],
  "T5: fetch() read twice by clone()": [
    "all",
    async (url) => {
      const response = await fetch(url);
      return Promise.all([response.clone().text(), response.text()]);
    },
    "success",
  ],
  "T5: fetch() whose JSON cannot be parsed": ["all", async (url) => (await fetch(url)).json(), "success"],
  "T5: fetch() read by pipeTo()": [
    "all",
    async (url) => (await fetch(url)).body?.pipeTo(new WritableStream()),
    "success",
  ],
  "T1: fetch() of a body that tears": ["torn", async (url) => (await fetch(url)).text(), "failure"],
  "T1: fetch() of a body that ends short of its length": [
    "short",
    async (url) => (await fetch(url)).text(),
    "failure",
  ],
  "T1: fetch() of a connection that closes": ["closed", (url) => fetch(url), "failure"],
  "T4: fetch() with the first of several signals": [
    "nothing",
    async (url, seen) => {
      const own = new AbortController();
      const answer = fetch(url, { signal: AbortSignal.any([own.signal, AbortSignal.timeout(60_000)]) });
      await Promise.race([seen, answer]);
      own.abort();
      return answer;
    },
    "neither",
  ],
  "T4: fetch() with a time-out among several signals": [
    "nothing",
    async (url, seen) => {
      const time = new AbortController();
      const answer = fetch(url, { signal: AbortSignal.any([new AbortController().signal, time.signal]) });
      // Once the request is there: undici tells no reason of a call that has no connection yet.
      await Promise.race([seen, answer]);
      time.abort(TIME_OVER);
      return answer;
    },
    "failure",
  ],
  "T4: fetch() whose time-out comes in the body": [
    "some",
    async (url) => {
      const time = new AbortController();
      const body = (await fetch(url, { signal: time.signal })).text();
      time.abort(TIME_OVER);
      return body;
    },
    "failure",
  ],
  "T4: fetch() whose body is cancelled": [
    "some",
    async (url) => (await fetch(url)).body?.cancel(),
    "neither",
  ],
  "T4: fetch() piped to what fails": [
    "much",
    async (url) =>
      (await fetch(url)).body?.pipeTo(
        new WritableStream({
          write() {
            throw new Error("disk full");
          },
        }),
      ),
    "neither",
  ],
  "T5: undici's request() whose body is dumped": [
    "all",
    async (url) => (await undiciRequest(url)).body.dump(),
    "success",
  ],
  "T4: undici's request() with its own time for the body": [
    "some",
    async (url) => (await undiciRequest(url, { bodyTimeout: 50 })).body.text(),
    "failure",
  ],
  "T4: undici's request() with its own time for the headers": [
    "nothing",
    (url) => undiciRequest(url, { headersTimeout: 50 }),
    "failure",
  ],
  "T5: undici's stream()": ["all", (url) => undiciStream(url, { method: "GET" } as never, sink), "success"],
  "T1: undici's stream() of a body that tears": [
    "torn",
    (url) => undiciStream(url, { method: "GET" } as never, sink),
    "failure",
  ],
  "T4: undici's stream() into what fails": [
    "much",
    (url) => undiciStream(url, { method: "GET" } as never, full),
    "neither",
  ],
  "T5: undici's pipeline()": [
    "all",
    async (url) =>
      pipeline(undiciPipeline(url, { method: "GET" } as never, ({ body }) => body).end(), sink()),
    "success",
  ],
  "T1: undici's pipeline() of a body that tears": [
    "torn",
    async (url) =>
      pipeline(undiciPipeline(url, { method: "GET" } as never, ({ body }) => body).end(), sink()),
    "failure",
  ],
  "T5: a Pool of undici": [
    "all",
    async (url) => {
      const pool = new Pool(new URL(url).origin);
      await (await pool.request({ path: "/", method: "GET" })).body.text();
      return pool.close();
    },
    "success",
  ],
  "T4: a Client of undici that is destroyed meanwhile": [
    "nothing",
    async (url, seen) => {
      const client = new Client(new URL(url).origin);
      const answer = client.request({ path: "/", method: "GET" });
      await Promise.race([seen, answer]);
      await Promise.all([client.destroy(), answer]);
    },
    "neither",
  ],
  "T5: http.get() into a pipeline": ["all", async (url) => pipeline(await got(url), sink()), "success"],
  "T1: http.get() of a body that ends short of its length": [
    "short",
    async (url) => toItsClose(await got(url)),
    "failure",
  ],
  "T1: http.get() of a 500 that nobody reads": [
    "failure",
    async (url) => void (await got(url)).destroy(),
    "failure",
  ],
  "T4: http.get() into what fails": ["much", async (url) => pipeline(await got(url), full()), "neither"],
  "T4: http.request() given up by abort()": [
    "nothing",
    async (url, seen) => {
      const made = open(url);
      await seen;
      made.abort();
      await once(made, "close");
    },
    "neither",
  ],
  "T4: http.request() with a signal of time": [
    "nothing",
    (url) => once(open(url, { signal: AbortSignal.timeout(50) }), "close"),
    "failure",
  ],
  "T4: http.request() destroyed at its time-out, as axios does": [
    "nothing",
    async (url) => {
      const made = open(url);
      const error = Object.assign(new Error("timeout of 50ms exceeded"), { code: "ECONNABORTED" });
      made.setTimeout(50, () => made.destroy(error));
      await once(made, "close");
    },
    "failure",
  ],
};

const RIGHT = { success: [1, 0, 0], failure: [1, 1, 0], neither: [0, 0, 1] };

for (const [form, [serve, ask, right]] of Object.entries(FORMS)) {
  test(`${form} is ${right === "neither" ? "neither success nor failure" : `one ${right}`}`, async (t) => {
    const seen = Promise.withResolvers<void>();
    const port = await listen(
      t,
      createServer((_request, response) => {
        SERVE[serve](response.on("error", () => {}));
        seen.resolve();
      }),
    );
    const recorder = recordTracing({ service: "web" });
    t.after(() => recorder.close());
    await ask(`http://127.0.0.1:${port}/`, seen.promise).catch(() => {
      // What the caller is told is the library's.
    });
    await until(() => recorder.spans.length === 1 && recorder.traffic.counts(600).length === 1);
    const [{ count, failures, aborted } = { count: 0, failures: 0, aborted: 0 }] = recorder.traffic
      .snapshot()
      .series.filter(({ windowS }) => windowS === 600);
    assert.deepEqual([count, failures, aborted], RIGHT[right]);
    assert.equal(recorder.spans[0]?.status === 2, right === "failure");
  });
}
