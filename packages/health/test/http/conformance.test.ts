import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import type { HealthOptions } from "../../src/index.ts";
import { createScriptedProbe } from "../../src/testing.ts";
import { adapters, type Serve } from "../helpers/adapters.ts";
import { watch } from "../helpers/watch.ts";

const TIME = "2030-01-01T00:00:00.000Z";

// One suite for every adapter: what a monitor or balancer sees must not depend on the framework.
for (const [framework, serve] of Object.entries(adapters)) describe(framework, () => conform(serve));

function conform(serve: Serve): void {
  test("GET /health/status lists exactly Name, Status and StatusTime, in registration order", async (t) => {
    const slow = createScriptedProbe({ name: "myDB", timeoutMs: 100 }, "HANG");
    const well = createScriptedProbe({ name: "twodegrees/monetizer", group: "external" });
    const { clock, health } = watch(t, { probes: [slow.probe, well.probe] });
    const url = await serve(t, health);
    const starting = await fetch(`${url}/health/status`);
    assert.equal(
      await starting.text(),
      `[{"Name":"myDB","Status":"STARTING","StatusTime":"${TIME}"},` +
        `{"Name":"twodegrees/monetizer","Status":"STARTING","StatusTime":"${TIME}"}]`,
    );
    assert.equal(starting.status, 200);
    await clock.advance(9_999);
    const response = await fetch(`${url}/health/status?x=1`);
    assert.equal(response.status, 200);
    assert.equal(
      await response.text(),
      '[{"Name":"myDB","Status":"TIMEOUT","StatusTime":"2030-01-01T00:00:00.100Z"},' +
        '{"Name":"twodegrees/monetizer","Status":"OK","StatusTime":"2030-01-01T00:00:05.000Z"}]',
    );
    assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("etag"), null);
  });

  test("GET /health/status is 503 for a failing member, unless its priority is none", async (t) => {
    const down = createScriptedProbe({ name: "a", group: "external" }, "ERROR");
    const shown = createScriptedProbe({ name: "b", priority: "none" }, "ERROR");
    const { clock, health } = watch(t, { probes: [down.probe, shown.probe] });
    const url = await serve(t, health);
    const codes = async (): Promise<number[]> => {
      const paths = ["status", "status/internal", "status/external", "status/external/", "ready", "live"];
      return Promise.all(paths.map(async (path) => (await fetch(`${url}/health/${path}`)).status));
    };
    await clock.advance(6_000);
    assert.deepEqual(await codes(), [200, 200, 200, 200, 200, 200]);
    await clock.advance(10_000);
    assert.deepEqual(await codes(), [503, 200, 503, 503, 200, 200]);
    const external = (await (await fetch(`${url}/health/status/external`)).json()) as { Name: string }[];
    assert.deepEqual(
      external.map((entry) => entry.Name),
      ["a"],
    );
  });

  test("GET /health/status/<group> knows internal, external and those of probes, and no other", async (t) => {
    const { health } = watch(t, { probes: [createScriptedProbe({ name: "a", group: "batch" }).probe] });
    const url = await serve(t, health);
    for (const group of ["internal", "external"]) {
      assert.equal(await (await fetch(`${url}/health/status/${group}`)).text(), "[]");
    }
    assert.match(await (await fetch(`${url}/health/status/batch`)).text(), /"a"/);
    assert.equal((await fetch(`${url}/health/status/__proto__`)).status, 404);
    assert.equal((await fetch(`${url}/health/status/no-such`)).status, 404);
    assert.equal((await fetch(`${url}/health/no-such`)).status, 404);
  });

  test("GET /health/status has the same bytes between runs", async (t) => {
    const { clock, health } = watch(t, { probes: [createScriptedProbe({ name: "a" }).probe] });
    const url = await serve(t, health);
    await clock.advance(1);
    const bodies = new Set<string>();
    for (let poll = 0; poll < 5; poll++) {
      bodies.add(await (await fetch(`${url}/health/status`)).text());
      await clock.advance(1_000);
    }
    assert.equal(bodies.size, 1);
    await clock.advance(10_000);
    assert.ok(!bodies.has(await (await fetch(`${url}/health/status`)).text()));
  });

  test("HEAD answers as GET does, without a body", async (t) => {
    const { health } = watch(t, { probes: [createScriptedProbe({ name: "a" }).probe] });
    const url = await serve(t, health);
    for (const path of ["status", "status/internal", "live", "ready", "startup", "status/none"]) {
      const get = await fetch(`${url}/health/${path}`);
      const head = await fetch(`${url}/health/${path}`, { method: "HEAD" });
      const body = await get.text();
      assert.equal(head.status, get.status);
      assert.equal(head.headers.get("content-type"), get.headers.get("content-type"));
      assert.equal(head.headers.get("content-length"), String(Buffer.byteLength(body)));
      assert.equal(await head.text(), "");
    }
  });

  test("H3: OPTIONS answers as GET does, with Allow, whatever the state", async (t) => {
    const db = createScriptedProbe({ name: "db", critical: true, intervalMs: 1_000 });
    const { clock, health } = watch(t, { probes: [db.probe] });
    const url = await serve(t, health);
    const paths = ["status", "status?x=1", "status/internal/", "status/none", "ready", "live", "startup"];
    const codes: number[][] = [];
    for (const step of ["OK", "ERROR"] as const) {
      db.play(step);
      await clock.advance(5_000);
      const seen = paths.map(async (path) => {
        const get = await fetch(`${url}/health/${path}`);
        const options = await fetch(`${url}/health/${path}`, { method: "OPTIONS" });
        assert.equal(options.status, get.status, path);
        assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
        assert.equal(options.headers.get("content-type"), get.headers.get("content-type"));
        assert.equal(await options.text(), await get.text());
        return options.status;
      });
      codes.push(await Promise.all(seen));
    }
    assert.deepEqual(codes, [
      [200, 200, 200, 404, 200, 200, 200],
      [503, 503, 503, 404, 503, 200, 200],
    ]);
  });

  test("H3: Other methods are 405 with Allow, whatever they send", async (t) => {
    const { health } = watch(t, { probes: [] });
    const url = await serve(t, health);
    const bodies: RequestInit[] = [
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      { method: "PUT", body: "x", headers: { "content-type": "x/y" } },
      { method: "DELETE" },
      { method: "PATCH", body: "x".repeat(100_000) },
    ];
    for (const init of bodies) {
      for (const path of ["status", "status/internal", "live", "ready/"]) {
        const response = await fetch(`${url}/health/${path}`, init);
        assert.equal(response.status, 405, `${init.method} ${path}`);
        assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
        await response.text();
      }
    }
  });

  test("GET /health/ready waits for critical probes, then falls with them", async (t) => {
    const db = createScriptedProbe({ name: "db", critical: true, intervalMs: 1_000 });
    const { clock, health } = watch(t, { probes: [db.probe] });
    const url = await serve(t, health);
    const read = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(`${url}/health/${path}`);
      return [response.status, await response.json()];
    };
    const waiting = { status: "waiting", draining: false, inFlight: 0, waitingFor: ["db"] };
    assert.deepEqual(await read("ready"), [503, waiting]);
    assert.deepEqual(await read("startup"), [503, { status: "starting" }]);
    await clock.advance(1);
    assert.deepEqual(await read("ready"), [200, { ...waiting, status: "ready", waitingFor: [] }]);
    assert.deepEqual(await read("startup"), [200, { status: "started" }]);
    db.play("ERROR");
    await clock.advance(1_000);
    assert.equal((await read("ready"))[0], 200);
    await clock.advance(1_000);
    assert.deepEqual(await read("ready"), [503, waiting]);
    assert.deepEqual(await read("startup"), [200, { status: "started" }]);
    assert.deepEqual(await read("live"), [200, { status: "live" }]);
    db.play("OK");
    await clock.advance(2_000);
    assert.equal((await read("ready"))[0], 200);
  });

  test("GET and HEAD /health/status speak what Accept asks for", async (t) => {
    const { health } = watch(t, { probes: [createScriptedProbe({ name: "a" }).probe] });
    const url = await serve(t, health);
    const types = {
      "*/*": "application/json; charset=utf-8",
      "application/health+json": "application/health+json; charset=utf-8",
      "text/plain": "text/plain; charset=utf-8",
      "text/html,*/*;q=0.8": "text/html; charset=utf-8",
      "application/openmetrics-text": "application/openmetrics-text; version=1.0.0; charset=utf-8",
    };
    for (const [accept, type] of Object.entries(types)) {
      for (const method of ["GET", "HEAD"]) {
        const response = await fetch(`${url}/health/status/`, { method, headers: { accept } });
        assert.equal(response.headers.get("content-type"), type);
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
        assert.equal((await response.text()) === "", method === "HEAD");
      }
    }
  });

  test("A conditional request is answered in full, never 304", async (t) => {
    const { health } = watch(t, { probes: [createScriptedProbe({ name: "a" }).probe] });
    const url = await serve(t, health);
    const headers = { "if-none-match": "*", "if-modified-since": new Date().toUTCString() };
    const response = await fetch(`${url}/health/status`, { headers });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /"a"/);
  });

  test("GET /health/ready counts the service's requests in flight, and not health's own", async (t) => {
    const { health } = watch(t, { probes: [] });
    const url = await serve(t, health);
    const inFlight = async (): Promise<number> =>
      ((await (await fetch(`${url}/health/ready`)).json()) as { inFlight: number }).inFlight;
    const [before] = await Promise.all([inFlight(), inFlight(), inFlight()]);
    assert.equal(before, 0);
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('{"a":'));
        await until(async () => (await inFlight()) === 1, "the request is in flight");
        controller.enqueue(Buffer.from("1}"));
        controller.close();
      },
    });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/echo`, {
      method: "POST",
      body,
      headers,
      duplex: "half",
    } as RequestInit);
    assert.equal(await response.text(), '{"a":1}');
    await until(async () => (await inFlight()) === 0, "the request has ended");
  });

  test("A probe that throws, hangs or returns nonsense never makes a 500", async (t) => {
    const { clock, health } = watch(t, {
      probes: [
        {
          name: "throws",
          check: () => {
            throw undefined;
          },
        },
        { name: "hangs", check: () => new Promise(() => {}) },
        { name: "nonsense", check: () => Symbol("nonsense") },
      ],
    });
    const url = await serve(t, health);
    await clock.advance(60_000);
    const response = await fetch(`${url}/health/status`);
    assert.equal(response.status, 503);
    const entries = (await response.json()) as { Status: string }[];
    assert.deepEqual(
      entries.map((entry) => entry.Status),
      ["ERROR", "TIMEOUT", "OK"],
    );
  });

  test("A service's own routes are left alone", async (t) => {
    const { health } = watch(t, { probes: [] });
    const url = await serve(t, health);
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/echo`, { method: "POST", body: '{"a":1}', headers });
    assert.equal(await response.text(), '{"a":1}');
  });

  test("Details are for those whom authorize admits", async (t) => {
    const db = createScriptedProbe(
      { name: "db", critical: true, owner: "storage", runbook: "https://runbooks.test/db" },
      "ERROR",
    );
    const rules: Record<string, HealthOptions["authorize"]> = {
      yes: () => true,
      later: async () => true,
      no: () => false,
      throws: () => {
        throw new Error("no rule");
      },
      rejects: () => Promise.reject(new Error("no rule")),
    };
    const { clock, health } = watch(t, {
      probes: [db.probe],
      authorize: (request) => rules[String(request.headers["x-rule"])]?.(request) as boolean,
    });
    const url = await serve(t, health);
    await clock.advance(20_000);
    const read = async (rule: string): Promise<Record<string, unknown>[]> => {
      const response = await fetch(`${url}/health/status`, { headers: { "x-rule": rule } });
      assert.equal(response.status, 503);
      return (await response.json()) as Record<string, unknown>[];
    };
    for (const rule of ["yes", "later"]) {
      const [entry] = await read(rule);
      assert.deepEqual(entry?.Details, {
        LatencyMs: 0,
        Level: "failing",
        Since: TIME,
        Error: "scripted to fail",
        ErrorCode: "Error",
        Critical: true,
        Group: "internal",
        Priority: "page",
        Kind: "own",
        Owner: "storage",
        Runbook: "https://runbooks.test/db",
        Flapping: false,
        Abandoned: 0,
      });
    }
    for (const rule of ["no", "throws", "rejects", "unknown"]) {
      assert.deepEqual(Object.keys((await read(rule))[0] ?? {}), ["Name", "Status", "StatusTime"]);
    }
  });
}
