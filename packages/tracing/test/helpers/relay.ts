import { createServer, request as httpRequest, type RequestListener } from "node:http";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import { tracingMiddleware } from "../../src/express.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { withTracing } from "../../src/node.ts";
import { listen } from "./tracing.ts";

/** What a relay is asked to do: to POST `arguments` to `url`, one after the other. */
export interface Errand {
  readonly url: string;
  readonly arguments: readonly Errand[];
}

async function runWithFetch(errands: readonly Errand[]): Promise<void> {
  for (const { url, arguments: body } of errands) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    await answer.arrayBuffer();
  }
}

async function runWithHttp(errands: readonly Errand[]): Promise<void> {
  for (const { url, arguments: body } of errands) {
    await new Promise<void>((resolve, reject) => {
      const headers = { "content-type": "application/json" };
      const request = httpRequest(url, { method: "POST", headers }, (answer) => {
        answer.resume().on("end", resolve);
      });
      request.on("error", reject).end(JSON.stringify(body));
    });
  }
}

/** The relay on each framework: `POST /test` takes a JSON array of errands and runs them. */
export const RELAYS: Readonly<Record<string, () => Promise<RequestListener>>> = {
  "fastify 5": async () => {
    const app = Fastify();
    await app.register(tracingPlugin);
    app.post("/test", async (request) => {
      await runWithFetch(request.body as Errand[]);
      return {};
    });
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  "express 5": async () => expressRelay(express),
  "express 4": async () => expressRelay(express4 as unknown as typeof express),
  "node:http": async () =>
    withTracing(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      await runWithHttp(JSON.parse(Buffer.concat(chunks).toString()) as Errand[]);
      response.end("{}");
    }),
};

function expressRelay(make: typeof express): RequestListener {
  const app = make();
  app.use(tracingMiddleware());
  app.post("/test", express.json(), async (request, response) => {
    await runWithFetch(request.body as Errand[]);
    response.json({});
  });
  return app;
}

/** Header lines as they go over the wire: names in any case, twice, with any white space. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** Sends a relay on `count` errands with these headers; answers with the raw headers of each call it made. */
export async function startHarness(
  t: TestContext,
  relay: RequestListener,
): Promise<(headers: HeaderLines, count?: number) => Promise<HeaderLines[]>> {
  const received: HeaderLines[] = [];
  const target = await listen(
    t,
    createServer((request, response) => {
      const { rawHeaders } = request;
      const lines = rawHeaders.flatMap((name, i) =>
        i % 2 === 0 ? [[name, rawHeaders[i + 1] as string] as const] : [],
      );
      received.push(lines);
      request.resume().on("end", () => response.end("{}"));
    }),
  );
  const port = await listen(t, createServer(relay));
  return async (headers, count = 1) => {
    received.length = 0;
    const errand = { url: `http://127.0.0.1:${target}/callback`, arguments: [] };
    await post(port, headers, JSON.stringify(Array.from({ length: count }, () => errand)));
    return [...received];
  };
}

/** Written byte by byte: a client library would put the headers in order. */
function post(port: number, headers: HeaderLines, body: string): Promise<void> {
  const lines = [
    "POST /test HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...headers.map(([name, value]) => `${name}:${value}`),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject).on("close", () => {
      if (answer.startsWith("HTTP/1.1 200")) resolve();
      else reject(new Error(`answered ${answer}`));
    });
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  });
}
