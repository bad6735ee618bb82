import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type SpanAccounts, startTracing, type Tracing, type TracingOptions } from "../../src/index.ts";
import { withTracing } from "../../src/node.ts";
import { type ReceivedSpan, type Receiver, startReceiver } from "./receiver.ts";

/** Tracing that sends to a receiver of the test's own. */
export interface TestTracing {
  readonly tracing: Tracing;
  readonly receiver: Receiver;
  /** What has been received after a flush. */
  spans(): Promise<readonly ReceivedSpan[]>;
}

export async function startTestTracing(t: TestContext, options: TracingOptions = {}): Promise<TestTracing> {
  const receiver = await startReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  let tracing: Tracing | undefined;
  t.after(async () => {
    await tracing?.close();
    await receiver.close();
  });
  const started = startTracing({ service: "web", ...options });
  tracing = started;
  return {
    tracing: started,
    receiver,
    async spans() {
      await started.flush();
      return receiver.spans;
    },
  };
}

/** Opens `/debug/*` of the services that tests start. */
export const TOKEN = "the-token-of-these-tests";
export const BEARER: Readonly<Record<string, string>> = { authorization: `Bearer ${TOKEN}` };
process.env.WHODUNIT_TOKEN = TOKEN;

/**
 * Closes tracing; fails where a timer of half as long again as `boundMs` is faster. The two timers are compared with each
 * other, so that a slow machine changes nothing.
 */
export async function closeWithin(boundMs: number, tracing: Pick<Tracing, "close">): Promise<SpanAccounts> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
  }, boundMs * 1.5);
  const accounts = await tracing.close();
  clearTimeout(timer);
  if (isLate) throw new Error(`close() took longer than ${boundMs} ms`);
  return accounts;
}

/** Listens on a free port until the test ends. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** Asks with the token, unless told otherwise. */
export async function ask(port: number, question: Question = {}): Promise<Answer> {
  const { path = "/", method = "GET", headers = {}, body } = question;
  const request = httpRequest({
    port,
    host: "127.0.0.1",
    path,
    method,
    headers: { ...BEARER, ...headers },
    agent: false,
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

/** A service that calls another for each request, and what the other was sent. */
export async function listenAndForward(
  t: TestContext,
): Promise<{ readonly port: number; readonly seen: readonly IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const target = await listen(
    t,
    createServer((request, response) => {
      seen.push(request.headers);
      response.end();
    }),
  );
  const forward = withTracing((_request, response) => {
    httpRequest({ port: target, host: "127.0.0.1" }, (answer) => {
      answer.resume().on("end", () => response.end());
    }).end();
  });
  return { port: await listen(t, createServer(forward)), seen };
}
