import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import Fastify from "fastify";
import { tracingMiddleware } from "../../src/express.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { startTracing, withSpan } from "../../src/index.ts";
import { withTracing } from "../../src/node.ts";
import { closeWithin, startTestTracing } from "../helpers/tracing.ts";

test("startTracing() refuses wrong options, naming option, value and what is wanted", async () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{}, /option "service" is undefined, want the service's name, here or in OTEL_SERVICE_NAME/],
    [{ service: " " }, /option "service" is " "/],
    [{ service: 7 }, /option "service" is 7/],
    [{ service: "web", sampel: 1 }, /option "sampel" is unknown, want one of service, version/],
    [{ service: "web", version: 2 }, /option "version" is 2, want a string/],
    [{ service: "web", classify: "5xx" }, /option "classify" is "5xx", want a function/],
    [{ service: "web", propagateTo: "a.example" }, /option "propagateTo" is "a.example", want an array/],
    [{ service: "web", propagateTo: ["http://a"] }, /option "propagateTo" is "http:\/\/a", want "loopback"/],
    [{ service: "web", redact: { nothingSuch: true } }, /"nothingSuch" is unknown/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => startTracing(options as never),
      (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        return true;
      },
    );
  }
  assert.throws(() => startTracing(null as never), /options are null, want an object/);
});

test("startTracing() says who sends, without the command line or the user", async (t) => {
  process.env.OTEL_RESOURCE_ATTRIBUTES = "team=a%20b,service.name=ignored,service.version=9";
  t.after(() => {
    delete process.env.OTEL_RESOURCE_ATTRIBUTES;
  });
  const { spans, tracing } = await startTestTracing(t, { service: "web" });
  withSpan("one", () => {});
  const [span] = await spans();
  assert.equal(span?.resource["service.name"], "web");
  assert.equal(span?.resource["service.version"], "9");
  assert.equal(span?.resource["service.instance.id"], tracing.traffic.snapshot().instance);
  assert.equal(span?.resource.team, "a b");
  assert.equal(span?.resource["process.command_args"], undefined);
  assert.equal(span?.resource["process.owner"], undefined);
});

test("close() takes off every channel listener and gives the API back", async (t) => {
  const { hasSubscribers } = await import("node:diagnostics_channel");
  const channels = ["http.client.request.created", "undici:request:create"];
  const { tracing } = await startTestTracing(t);
  for (const name of channels) assert.equal(hasSubscribers(name), true);
  await tracing.close();
  for (const name of channels) assert.equal(hasSubscribers(name), false);
  const span = trace.getTracer("x").startSpan("x");
  assert.equal(span.isRecording(), false);
});

test("a receiver that is down neither throws nor delays the service, and close() takes at most 3 s", async () => {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:1";
  const tracing = startTracing({ service: "web" });
  for (let i = 0; i < 100; i++) assert.equal(await withSpan("work", async () => i), i);
  const { dropped } = await closeWithin(3_000, tracing);
  assert.equal(dropped.unreachable + dropped.closed, 100);
});

/** The events that Node's own request and response listen to. */
function bareEvents(): (string | symbol)[] {
  const request = new IncomingMessage(new Socket());
  return [...request.eventNames(), ...new ServerResponse(request).eventNames()];
}

test("OTEL_SDK_DISABLED leaves no hook, no listener and no SDK", async (t) => {
  process.env.OTEL_SDK_DISABLED = "TRUE";
  t.after(() => {
    delete process.env.OTEL_SDK_DISABLED;
  });
  const { hasSubscribers } = await import("node:diagnostics_channel");
  const before = ["SIGTERM", "beforeExit", "exit"].map((event) => process.listenerCount(event));
  const tracing = startTracing({ service: "web" });
  assert.equal(hasSubscribers("http.client.request.created"), false);
  assert.equal(hasSubscribers("undici:request:create"), false);
  assert.deepEqual(
    ["SIGTERM", "beforeExit", "exit"].map((event) => process.listenerCount(event)),
    before,
  );
  const hooks: string[] = [];
  const app = Fastify();
  const { addHook } = app;
  app.addHook = ((name: string, ...rest: unknown[]) => {
    hooks.push(name);
    return Reflect.apply(addHook, app, [name, ...rest]);
  }) as typeof addHook;
  await app.register(tracingPlugin);
  assert.deepEqual(hooks, []);
  const listener = (): void => {};
  assert.equal(withTracing(listener), listener);
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  let passed = 0;
  tracingMiddleware()(request as never, response, () => passed++);
  assert.equal(passed, 1);
  assert.deepEqual([...request.eventNames(), ...response.eventNames()], bareEvents());
  assert.equal(
    withSpan("work", () => 7),
    7,
  );
  assert.deepEqual(tracing.traffic.snapshot().series, []);
  assert.equal((await tracing.close()).ended, 0);
  assert.throws(() => startTracing({ service: 7 } as never), TypeError, "wrong options throw all the same");
});
