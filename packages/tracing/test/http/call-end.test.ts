import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { until } from "../../../../test/helpers/until.ts";
import { CANCELLED, endedBy } from "../../src/http/call-end.ts";
import { recordTracing, type TracingRecorder } from "../../src/testing.ts";
import { CLIENTS, type Client, http2Client } from "../helpers/clients.ts";
import { selfSigned } from "../helpers/self-signed.ts";
import { listen } from "../helpers/tracing.ts";

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** A callee that does what the test tells it to when a request is there. */
interface Callee {
  readonly url: string;
  readonly client: Client;
}

/** Each client, with the kind of server that it talks to. */
const KINDS: Record<
  string,
  (t: TestContext, serve: (...pair: [Request, Response]) => void) => Promise<Callee | undefined>
> = {
  ...Object.fromEntries(
    Object.entries(CLIENTS).map(([name, client]) => [
      name,
      async (t: TestContext, serve: (...pair: [Request, Response]) => void) => ({
        url: `http://127.0.0.1:${await listen(t, createServer(serve))}/`,
        client,
      }),
    ]),
  ),
  "undici over HTTP/2": async (t, serve) => {
    const signed = await selfSigned(t);
    if (signed === undefined) return undefined;
    const server = createSecureServer({ key: signed.key, cert: signed.cert }, serve).listen(0, "127.0.0.1");
    server.on("sessionError", () => {});
    await once(server, "listening");
    const { client, close } = http2Client();
    t.after(async () => {
      await close();
      server.close();
    });
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, client };
  },
};

/** What became of the one call: its span, and how the caller counts it. */
async function outcome(recorder: TracingRecorder): Promise<object> {
  await until(() => recorder.spans.length === 1 && recorder.traffic.counts(600).length === 1);
  const [{ status, attributes }] = recorder.spans as [TracingRecorder["spans"][0]];
  const [series] = recorder.traffic.snapshot().series.filter(({ windowS }) => windowS === 600);
  return {
    span: status === 2 ? "error" : "unset",
    code: attributes["http.response.status_code"],
    counted: [series?.count, series?.failures, series?.aborted],
  };
}

const FAILED = [1, 1, 0];
const WELL = [1, 0, 0];
const NEITHER = [0, 0, 1];

/** Breaks the connection, or over HTTP/2 the one request. */
function tear(response: Response): void {
  if ("stream" in response) response.stream.close(2);
  else response.socket?.destroy();
}

/** One row each: what the callee does, what the caller does, and what is right. */
interface Row {
  readonly title: string;
  readonly serve: (response: Response) => void;
  /** Aborts `controller`, cancels, or waits. */
  readonly call: (
    open: (signal?: AbortSignal) => ReturnType<Client>,
    seen: Promise<unknown>,
  ) => Promise<unknown>;
  readonly right: {
    readonly span: string;
    readonly code: number | undefined;
    readonly counted: readonly number[];
  };
}

const hang = (): void => {};
const begin = (response: Response): void => {
  response.writeHead(200);
  (response as ServerResponse).write("x".repeat(100));
};

async function readFirst(answer: Awaited<ReturnType<Client>>): Promise<void> {
  for await (const _chunk of answer.body) return;
}

async function readAll(answer: Awaited<ReturnType<Client>>): Promise<void> {
  for await (const _chunk of answer.body);
}

const abortWith = (reason?: unknown): Row["call"] => {
  return async (open, seen) => {
    const controller = new AbortController();
    const opened = open(controller.signal);
    await seen;
    controller.abort(reason);
    await opened;
  };
};

const abortInBody = (reason?: unknown): Row["call"] => {
  return async (open) => {
    const controller = new AbortController();
    const answer = await open(controller.signal);
    const reading = readAll(answer);
    controller.abort(reason);
    await reading;
  };
};

const ROWS: readonly Row[] = [
  {
    title: "T1: a body that its server tears after 200 is one failure, and its span an error",
    serve: (response) => {
      begin(response);
      setImmediate(() => tear(response));
    },
    call: async (open) => readAll(await open()),
    right: { span: "error", code: 200, counted: FAILED },
  },
  {
    title: "T1: a connection that closes before an answer is one failure",
    serve: tear,
    call: (open) => open(),
    right: { span: "error", code: undefined, counted: FAILED },
  },
  {
    title: "T1: a 500 whose body tears is one failure, not two",
    serve: (response) => {
      response.writeHead(500);
      (response as ServerResponse).write("x");
      setImmediate(() => tear(response));
    },
    call: async (open) => readAll(await open()),
    right: { span: "error", code: 500, counted: FAILED },
  },
  {
    title: "T4: the loser of a hedge is neither success nor failure",
    serve: hang,
    call: abortWith(),
    right: { span: "unset", code: undefined, counted: NEITHER },
  },
  {
    title: "T4: a call given up for a reason of the caller's own is neither",
    serve: hang,
    call: abortWith(Object.assign(new Error("the user left"), { code: "USER_LEFT" })),
    right: { span: "unset", code: undefined, counted: NEITHER },
  },
  {
    title: "T4: a call given up in its body is neither",
    serve: begin,
    call: abortInBody(),
    right: { span: "unset", code: 200, counted: NEITHER },
  },
  {
    title: "T4: a reader that lets go of the body is neither",
    serve: begin,
    call: async (open) => (await open()).cancel(),
    right: { span: "unset", code: 200, counted: NEITHER },
  },
  {
    title: "T4: a reader that has seen enough is neither",
    serve: begin,
    call: async (open) => readFirst(await open()),
    right: { span: "unset", code: 200, counted: NEITHER },
  },
  {
    title: "T4: a time-out of the caller's is a failure",
    serve: hang,
    // The reason that AbortSignal.timeout() gives, once the request is there.
    call: abortWith(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
    right: { span: "error", code: undefined, counted: FAILED },
  },
  {
    title: "T4: a library's own TimeoutError is a failure",
    serve: hang,
    call: abortWith(Object.assign(new Error("too slow"), { name: "RequestTimeoutError" })),
    right: { span: "error", code: undefined, counted: FAILED },
  },
  {
    title: "T5: an answer that is read to its end is one success",
    serve: (response) => {
      begin(response);
      setImmediate(() => response.end("y"));
    },
    call: async (open) => readAll(await open()),
    right: { span: "unset", code: 200, counted: WELL },
  },
];

for (const [name, start] of Object.entries(KINDS)) {
  for (const { title, serve, call, right } of ROWS) {
    test(`${title}: ${name}`, async (t) => {
      const seen = Promise.withResolvers<void>();
      const callee = await start(t, (_request, response) => {
        response.on("error", () => {});
        serve(response);
        seen.resolve();
      });
      if (callee === undefined) return t.skip("no openssl here");
      const recorder = recordTracing({ service: "web" });
      t.after(() => recorder.close());
      await call((signal) => callee.client(callee.url, signal), seen.promise).catch(() => {
        // What the caller is told is the library's.
      });
      assert.deepEqual(await outcome(recorder), right);
    });
  }
}

const OWN_ENDS: Record<
  string,
  { readonly act: (request: ReturnType<typeof get>) => void; readonly right: object }
> = {
  "destroy()": { act: (request) => request.destroy(), right: { span: "unset", counted: NEITHER } },
  "destroy(error)": {
    act: (request) => request.destroy(new Error("enough")),
    right: { span: "unset", counted: NEITHER },
  },
  "destroy() when its time-out is told": {
    act: (request) => request.emit("timeout") && request.destroy(),
    right: { span: "error", counted: FAILED },
  },
};

for (const [what, { act, right }] of Object.entries(OWN_ENDS)) {
  for (const where of ["before the answer", "in its body"]) {
    test(`T4: http.request: ${what} ${where} is ${JSON.stringify(right)}`, async (t) => {
      const seen = Promise.withResolvers<void>();
      const port = await listen(
        t,
        createServer((_request, response) => {
          if (where === "in its body") begin(response);
          seen.resolve();
        }),
      );
      const recorder = recordTracing({ service: "web" });
      t.after(() => recorder.close());
      const request = get({ port, host: "127.0.0.1" });
      request.on("error", () => {});
      if (where === "in its body") {
        const [response] = (await once(request, "response")) as [IncomingMessage];
        response.on("error", () => {}).resume();
      } else await seen.promise;
      act(request);
      const code = where === "in its body" ? 200 : undefined;
      assert.deepEqual(await outcome(recorder), { code, ...right });
    });
  }
}

test("endedBy() never throws, whatever a signal's reason is", () => {
  const throws = new Proxy(new Error("x"), {
    get: () => {
      throw new Error("a getter");
    },
  });
  assert.deepEqual(endedBy(throws), CANCELLED);
  fc.assert(
    fc.property(fc.anything(), (reason) => {
      const { errorType, cancelled } = endedBy(reason);
      assert.equal(cancelled, errorType === undefined);
    }),
  );
});
