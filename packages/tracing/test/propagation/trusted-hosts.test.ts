import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { Agent, fetch as undiciFetch, request as undiciRequest } from "undici";
import { until } from "../../../../test/helpers/until.ts";
import { recordTracing, type TracingRecorder } from "../../src/testing.ts";
import { listen } from "../helpers/tracing.ts";

/** To whom baggage goes, a debug token among it: to hosts of the house, and to nobody who only looks like one. */

const INSIDE: Readonly<Record<string, readonly string[]>> = {
  loopback: ["localhost", "127.0.0.1", "127.8.8.8", "::1", "LOCALHOST."],
  "loopback by number": ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"],
  private: ["10.1.2.3", "172.31.9.9", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1", "167772161"],
  names: ["orders", "orders.svc", "ORDERS.prod.SVC.", "db.internal", "web.local", "bücher.internal"],
};

const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  "a suffix in the middle": ["x.svc.evil.com", "x.internal.evil.com.", "svc.evil.com", "local.evil.com"],
  "an address at the beginning": ["10.0.evil.com", "127.0.0.1.nip.io", "10.0.0.1.evil.com"],
  "a name that only ends alike": ["evilsvc", "xinternal"].map((name) => `${name}.com`),
  "a public address as one number": ["134744072", "0x08080808", "0x8080808.", "01002004010"],
  "a public address of two parts": ["8.526344", "8.0x80808"],
  "a cloud's metadata": [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "metadata.google.internal",
    "::ffff:169.254.169.254",
  ],
  "a dot of another script": ["evil。com", "evil．com", "x｡evil｡com", "ｅｖｉｌ。ｃｏｍ"],
  "a public address mapped into IPv6": ["::ffff:8.8.8.8", "64:ff9b::7f00:1", "2001:db8::1"],
};

interface Asked {
  readonly port: number;
  readonly recorder: TracingRecorder;
  /** Runs `call` with baggage, and gives what the server then saw of it. */
  baggageBy(call: () => PromiseLike<unknown>): Promise<string | undefined>;
}

async function start(t: TestContext, propagateTo?: readonly string[]): Promise<Asked> {
  const seen: IncomingHttpHeaders[] = [];
  const port = await listen(
    t,
    createServer((request, response) => {
      seen.push(request.headers);
      response.end("x");
    }),
  );
  const recorder = recordTracing({ service: "web", ...(propagateTo === undefined ? {} : { propagateTo }) });
  t.after(() => recorder.close());
  const bearing = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ tenant: { value: "a" } }));
  return {
    port,
    recorder,
    async baggageBy(call) {
      await context.with(bearing, call);
      const headers = seen.pop();
      assert.match(String(headers?.traceparent), /^00-/, "it is traced all the same");
      assert.equal(headers?.baggage === undefined, headers?.tracestate === undefined);
      return headers?.baggage as string | undefined;
    },
  };
}

/** Whoever is asked for, the test's own server is connected to. */
const here = (port: number): Socket => connect(port, "127.0.0.1");

/** Asks a host by its name as `http.request` is given it: nothing has read it as a URL before. */
async function askByName(host: string, port: number): Promise<void> {
  // Node writes no Host of its own in another script.
  const headers = { host: "asked.example" };
  const request = httpRequest({ createConnection: () => here(port), host, headers }).end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  await once(response.resume(), "end");
}

function dispatcherTo(t: TestContext, port: number): Agent {
  const agent = new Agent({
    connect: (_options, done) => {
      const socket = here(port).once("connect", () => done(null, socket));
    },
  });
  t.after(() => agent.destroy());
  return agent;
}

const inBrackets = (host: string): string => (host.includes(":") ? `[${host}]` : host);

for (const [hosts, got] of [
  [INSIDE, "tenant=a"],
  [OUTSIDE, undefined],
] as const) {
  for (const [kind, names] of Object.entries(hosts)) {
    test(`G3: ${kind}, however it is asked for, is ${got === undefined ? "told nothing but the trace" : "of the house"}`, async (t) => {
      const { port, baggageBy } = await start(t);
      const dispatcher = dispatcherTo(t, port);
      for (const host of names) {
        assert.equal(await baggageBy(() => askByName(host, port)), got, `http.request ${host}`);
        const url = `http://${inBrackets(host)}/`;
        assert.equal(await baggageBy(() => undiciFetch(url, { dispatcher })), got, `fetch ${url}`);
        assert.equal(await baggageBy(() => undiciRequest(url, { dispatcher })), got, `undici ${url}`);
      }
    });
  }
}

const CLIENTS: Readonly<Record<string, (url: string, path: string) => Promise<unknown>>> = {
  "http.request": async (url, path) => {
    const request = httpRequest(url, { path }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await once(response.resume(), "end");
  },
  fetch: async (url, path) => (await fetch(url + path)).text(),
  "undici.request": async (url, path) => (await undiciRequest(url + path)).body.text(),
  "undici.request with a path beside": async (url, path) =>
    (await undiciRequest(url, { path } as object)).body.text(),
};

for (const [name, client] of Object.entries(CLIENTS)) {
  test(`G3: a path that looks like a host of the house makes none of a stranger, by ${name}`, async (t) => {
    const { port, baggageBy } = await start(t, ["friend.example"]);
    for (const path of [
      "//friend.example/hook",
      "///friend.example/",
      "//x@friend.example",
      "//friend.example:80/?a",
    ]) {
      assert.equal(await baggageBy(() => client(`http://127.0.0.1:${port}`, path)), undefined, path);
    }
  });

  test(`T7: a call whose path no URL parser takes for one has its span, its address and its path, by ${name}`, async (t) => {
    const { port, recorder } = await start(t);
    for (const path of ["//", "///", "//[", "//%", "//a:b/c", "/%E0%A4%A"]) {
      recorder.clear();
      await client(`http://127.0.0.1:${port}`, path);
      await until(() => recorder.spans.length > 0);
      const [span, ...more] = recorder.spans;
      assert.deepEqual(more, []);
      assert.deepEqual(
        [span?.attributes["server.address"], span?.attributes["server.port"], span?.attributes["url.full"]],
        ["127.0.0.1", port, `http://127.0.0.1:${port}${path}`],
      );
    }
  });
}

test("G3: a host named for propagateTo is that host in all its spellings, and no other", async (t) => {
  const { port, baggageBy } = await start(t, ["fd00:0::1", "Friend.example", ".team.example"]);
  const rows: readonly (readonly [host: string, got: string | undefined])[] = [
    ["fd00::1", "tenant=a"],
    ["FD00:0:0::1", "tenant=a"],
    ["friend.example.", "tenant=a"],
    ["friend。example", "tenant=a"],
    ["a.team.example", "tenant=a"],
    ["fd00::2", undefined],
    ["friend.example.evil.com", undefined],
    ["xfriend.example", undefined],
    ["xteam.example", undefined],
    ["team.example", undefined],
  ];
  for (const [host, got] of rows) assert.equal(await baggageBy(() => askByName(host, port)), got, host);
});
