import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { type TestContext, test } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import { createHealth, type HealthChange, type HealthOptions, type WebhookOptions } from "../../src/index.ts";
import { createScriptedProbe } from "../../src/testing.ts";
import { listen } from "../helpers/adapters.ts";
import { watch } from "../helpers/watch.ts";

interface Receiver {
  readonly url: string;
  readonly received: { headers: IncomingHttpHeaders; body: HealthChange }[];
  /** The codes it answers with, one after the other; then 204. */
  readonly codes: number[];
}

async function startReceiver(t: TestContext): Promise<Receiver> {
  const received: Receiver["received"] = [];
  const codes: number[] = [];
  const url = await listen(t, async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    received.push({ headers: request.headers, body: JSON.parse(text) });
    response.writeHead(codes.shift() ?? 204, { location: "/elsewhere" }).end();
  });
  return { url, received, codes };
}

const PROBE = {
  name: "myDB",
  intervalMs: 1_000,
  priority: "business-hours",
  owner: "storage",
  runbook: "https://r.test/",
} as const;

test("The webhook gets each change once, with its priority, owner and runbook", async (t) => {
  const { url, received } = await startReceiver(t);
  const db = createScriptedProbe(PROBE, "OK", "ERROR", "ERROR", "ERROR", "ERROR", "OK");
  const { clock } = watch(t, {
    probes: [db.probe],
    webhook: { url, headers: { authorization: "Bearer t" } },
  });
  await clock.advance(10_000);
  await until(() => received.length === 2, "both changes are here");
  assert.equal(received[0]?.headers.authorization, "Bearer t");
  assert.equal(received[0]?.headers["content-type"], "application/json");
  assert.deepEqual(
    received.map(({ body }) => body),
    [
      {
        event: "health-mydb-error",
        service: "web",
        probe: "myDB",
        from: "OK",
        to: "ERROR",
        since: "2030-01-01T00:00:01.000Z",
        at: "2030-01-01T00:00:02.000Z",
        priority: "business-hours",
        critical: false,
        group: "internal",
        error: "Error",
        owner: "storage",
        runbook: "https://r.test/",
      },
      {
        event: "health-mydb-ok",
        service: "web",
        probe: "myDB",
        from: "ERROR",
        to: "OK",
        since: "2030-01-01T00:00:05.000Z",
        at: "2030-01-01T00:00:06.000Z",
        priority: "business-hours",
        critical: false,
        group: "internal",
        owner: "storage",
        runbook: "https://r.test/",
      },
    ],
  );
});

test("The webhook tries again, up to 5 times, in order, on what may pass; not on a refusal", async (t) => {
  const { url, received, codes } = await startReceiver(t);
  const db = createScriptedProbe(PROBE, "ERROR", "ERROR", "OK");
  const { clock } = watch(t, { probes: [db.probe], webhook: { url } });
  codes.push(500, 429, 503);
  await clock.advance(1_500);
  // The pauses are on the fake clock, the answers come over a real socket.
  const step = async (count: number): Promise<void> => {
    await until(async () => {
      await clock.advance(100);
      return received.length >= count;
    }, `${count} requests`);
  };
  await step(5);
  assert.deepEqual(
    received.map(({ body }) => body.to),
    ["ERROR", "ERROR", "ERROR", "ERROR", "OK"],
  );

  codes.push(400);
  db.play("ERROR");
  await step(6);
  db.play("OK");
  await step(7);
  codes.push(302, 500, 500, 500, 500, 500);
  db.play("ERROR");
  await step(8);
  db.play("OK");
  await step(13);
  assert.deepEqual(
    received.slice(5).map(({ body }) => body.to),
    ["ERROR", "OK", "ERROR", "OK", "OK", "OK", "OK", "OK"],
  );
});

test("A webhook that hangs delays no probe, and keeps at most 100 changes", async (t) => {
  let asked = 0;
  const fetch = (_url: unknown, init?: RequestInit): Promise<Response> => {
    asked++;
    return new Promise((_, reject) =>
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))),
    );
  };
  const script = Array.from(
    { length: 1_000 },
    (_, run) => (run % 2 === 0 ? "OK" : "ERROR") as "OK" | "ERROR",
  );
  const db = createScriptedProbe({ ...PROBE, failAfter: 1, recoverAfter: 1 }, ...script);
  const { clock, changes } = watch(t, {
    probes: [db.probe],
    webhook: { url: "http://hook.test", fetch, timeoutMs: 60_000 },
  });
  await clock.advance(999_000);
  assert.equal(db.runs, 1_000);
  assert.equal(changes.length, 999);
  // One minute an attempt: a hung receiver has been asked a handful of times, not once a change.
  assert.ok(asked < 20, `${asked}`);
});

test("close() delivers what waits, and gives up on a receiver that is gone", async (t) => {
  const { url, received } = await startReceiver(t);
  const start = (webhook: WebhookOptions): HealthOptions => ({
    service: "web",
    probes: [createScriptedProbe({ name: "db", intervalMs: 100, timeoutMs: 50 }, "ERROR").probe],
    webhook,
  });
  const health = createHealth(start({ url }));
  const told = new Promise((resolve) => health.subscribe(resolve));
  await told;
  await health.close();
  assert.equal(received.length, 1);

  const gone = createHealth(start({ url: "http://127.0.0.1:2/" }));
  await new Promise((resolve) => gone.subscribe(resolve));
  await gone.close();
});

test("The webhook throws on wrong options without showing the URL", () => {
  const make = (webhook: unknown) => () =>
    createHealth({ service: "web", webhook: webhook as WebhookOptions });
  assert.throws(make({ url: "hook:hunter2" }), /webhook: option "url" is "\(withheld\)", want an http/);
  assert.throws(make({ url: "http://h", retries: 3 }), /webhook: option "retries" is unknown/);
  assert.throws(make({ url: "http://h", timeoutMs: 5 }), /webhook: option "timeoutMs" is 5/);
  assert.throws(make("http://h"), /createHealth: option "webhook" is "http:\/\/h", want an object/);
});
