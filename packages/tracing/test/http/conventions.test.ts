import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import * as stable from "@opentelemetry/semantic-conventions";
import * as incubating from "@opentelemetry/semantic-conventions/incubating";
import { suppress } from "../../src/context/suppress.ts";
import { withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { ask, listen, startTestTracing } from "../helpers/tracing.ts";

/** Every attribute name that OpenTelemetry's conventions know. */
const KNOWN = new Set(
  [stable, incubating].flatMap((names) =>
    Object.entries(names)
      .filter(([key]) => key.startsWith("ATTR_"))
      .map(([, value]) => value),
  ),
);

// HTTP semantic conventions, "Type" of each attribute.
const TYPES: Record<string, string> = {
  "http.request.method": "string",
  "http.request.method_original": "string",
  "http.response.status_code": "number",
  "http.route": "string",
  "url.full": "string",
  "url.path": "string",
  "url.query": "string",
  "url.scheme": "string",
  "server.address": "string",
  "server.port": "number",
  "network.protocol.version": "string",
  "user_agent.original": "string",
  "error.type": "string",
  "exception.type": "string",
  "exception.message": "string",
  "exception.stacktrace": "string",
  "peer.service": "string",
};

test("names, types, status and span names follow the semantic conventions", async (t) => {
  const { spans } = await startTestTracing(t, { version: "1.2.3" });
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        const [, code = "200"] = /^\/status\/(\d+)/.exec(request.url ?? "") ?? [];
        setRoute(request, response, "/status/:code");
        response.statusCode = Number(code);
        response.end();
      }),
    ),
  );
  const statuses = [200, 301, 404, 500];
  for (const code of statuses)
    await ask(port, { path: `/status/${code}?q=1`, headers: { "user-agent": "test" } });
  await context.with(suppress(ROOT_CONTEXT), () => ask(port, { path: "/status/200", method: "PROPFIND" }));
  assert.throws(() =>
    withSpan("work", { peer: "db" }, () => {
      throw new TypeError("no");
    }),
  );

  const found = await spans();
  for (const span of found) {
    for (const [where, attributes] of [
      ["resource", span.resource],
      ["span", span.attributes],
      ...span.events.map((event) => ["event", event.attributes] as const),
    ] as const) {
      for (const [name, value] of Object.entries(attributes)) {
        assert.ok(KNOWN.has(name), `${where} attribute ${name} is in the conventions`);
        if (where !== "resource") assert.equal(typeof value, TYPES[name], `${name} is a ${TYPES[name]}`);
      }
    }
  }
  const of = (kind: number, code: number) =>
    found.find((span) => span.kind === kind && span.attributes["http.response.status_code"] === code);
  // A 4xx is no error of the server, and one to the client; 5xx is one to both.
  assert.deepEqual(
    statuses.map((code) => of(2, code)?.status),
    [0, 0, 0, 2],
  );
  assert.deepEqual(
    statuses.map((code) => of(3, code)?.status),
    [0, 0, 2, 2],
  );
  assert.equal(of(2, 500)?.attributes["error.type"], "500");
  assert.equal(of(3, 404)?.attributes["error.type"], "404");
  assert.equal(of(2, 404)?.attributes["error.type"], undefined);
  assert.equal(of(2, 200)?.name, "GET /status/:code");
  assert.equal(of(3, 200)?.name, "GET");
  assert.equal(of(2, 200)?.attributes["url.path"], "/status/200", "the path without the query");
  const odd = found.find((span) => span.attributes["http.request.method"] === "_OTHER");
  assert.equal(odd?.name, "HTTP /status/:code");
  assert.equal(odd?.attributes["http.request.method_original"], "PROPFIND");
  const work = found.find((span) => span.name === "work");
  assert.equal(work?.events[0]?.name, "exception");
});
