import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type CheckResult,
  createHealth,
  type Health,
  type Probe,
  type ServiceProbeOptions,
  serviceProbe,
} from "../../src/index.ts";
import { withHealth } from "../../src/node.ts";
import { createScriptedProbe, FakeClock, type ScriptedProbe } from "../../src/testing.ts";
import { listen } from "../helpers/adapters.ts";
import { ask } from "../helpers/ask.ts";

const signal = new AbortController().signal;
const HEALTH_JSON = { "content-type": "application/health+json" };

/** What a service probe makes of an answer. */
async function judge(answer: () => Response, options?: Partial<ServiceProbeOptions>): Promise<CheckResult> {
  const fetch = async (): Promise<Response> => answer();
  return (await serviceProbe({ name: "b", url: "http://b.test", fetch, ...options }).check(
    signal,
  )) as CheckResult;
}

const body =
  (checks: object, status = "pass") =>
  () =>
    Response.json({ status, checks }, { headers: HEALTH_JSON });

test("serviceProbe() counts the callee's own entries and nothing it watches itself", async () => {
  const failing = { status: "fail", state: "ERROR" };
  assert.deepEqual(await judge(body({ db: [{ status: "pass", state: "OK", kind: "own" }] })), {
    status: "OK",
  });
  assert.deepEqual(await judge(body({ c: [{ ...failing, kind: "service" }] }, "fail")), { status: "OK" });
  assert.deepEqual(await judge(body({ x: [{ ...failing, kind: "own", optional: true }] })), { status: "OK" });
  assert.deepEqual(await judge(body({ db: [{ ...failing, kind: "own" }] }, "fail")), {
    status: "ERROR",
    reason: "db is ERROR",
  });
  assert.deepEqual(
    await judge(body({ traffic: [{ status: "warn", state: "DEGRADED", kind: "own" }] }, "warn")),
    {
      status: "DEGRADED",
      reason: "traffic is DEGRADED",
    },
  );
  for (const state of ["TIMEOUT", "STALE"]) {
    assert.equal((await judge(body({ db: [{ status: "pass", state, kind: "own" }] }))).status, "ERROR");
  }
  assert.equal(
    (await judge(body({ db: [{ status: "warn", state: "STARTING", kind: "own" }] }))).status,
    "OK",
  );
});

test("serviceProbe() reads health+json of other makers by its status", async () => {
  assert.equal((await judge(body({ db: [{ status: "fail" }] }, "fail"))).status, "ERROR");
  assert.equal((await judge(body({ db: [{ status: "warn" }] }, "warn"))).status, "DEGRADED");
  assert.equal((await judge(() => Response.json({ status: "pass" }))).status, "OK");
  assert.equal((await judge(() => Response.json({ status: "fail" }, { status: 503 }))).status, "ERROR");
});

test("serviceProbe() fails on what is no health+json, without quoting it", async () => {
  const wrong: readonly [() => Response, RegExp][] = [
    [() => new Response("<h1>canary</h1>"), /^the body is not JSON$/],
    [() => Response.json({ status: "UP" }), /^the body is not application\/health\+json$/],
    [() => Response.json([{ Name: "db" }]), /^the body is not application\/health\+json$/],
    [
      () => Response.json({ status: "pass", checks: { db: {} } }),
      /^the body is not application\/health\+json$/,
    ],
    [() => Response.json({ status: "pass" }, { status: 404 }), /^answered 404$/],
    [
      () => Response.json({ status: "pass", description: "x".repeat(65_536) }),
      /^the body is longer than 65536 bytes$/,
    ],
  ];
  for (const [answer, message] of wrong) await assert.rejects(judge(answer), { message });
});

test("serviceProbe() follows redirects on the same host only, and sends its headers nowhere else", async (t) => {
  const seen: unknown[] = [];
  const other = await listen(t, (request, response) => {
    seen.push(request.headers["x-token"]);
    response.end();
  });
  const url = await listen(t, (request, response) => {
    if (request.url === "/final") return void response.writeHead(200, HEALTH_JSON).end('{"status":"pass"}');
    const location = { "/same": "/final", "/loop": "/loop", "/away": `${other}/health/status` }[
      request.url ?? ""
    ];
    response.writeHead(302, { location }).end();
  });
  const check = async (path: string): Promise<unknown> =>
    serviceProbe({ name: "b", url: `${url}${path}`, headers: { "x-token": "t" } }).check(signal);
  assert.deepEqual(await check("/same"), { status: "OK", reason: "it says pass" });
  await assert.rejects(check("/loop"), { message: "redirected more than 3 times" });
  await assert.rejects(check("/away"), { message: "redirected to another host" });
  assert.deepEqual(seen, []);
});

test("serviceProbe() reads /health/status of a service over HTTP", async (t) => {
  const clock = new FakeClock();
  const db = createScriptedProbe({ name: "db", intervalMs: 1_000 });
  const callee = createHealth({ service: "b", probes: [db.probe], clock });
  t.after(() => callee.close());
  const url = await listen(
    t,
    withHealth((_request, response) => response.end(), { health: callee }),
  );
  await clock.advance(100);
  const probe = serviceProbe({ name: "b", url });
  assert.deepEqual(await probe.check(signal), { status: "OK" });
  db.play("ERROR");
  await clock.advance(10_000);
  assert.deepEqual(await probe.check(signal), { status: "ERROR", reason: "db is ERROR" });
});

test("serviceProbe() throws on wrong options without showing the URL", () => {
  assert.throws(
    () => serviceProbe({ name: "b", url: "b:hunter2@x" }),
    /option "url" is "\(withheld\)", want an http/,
  );
  assert.throws(
    () => serviceProbe({ name: "b", url: "http://b", hops: 3 } as never),
    /option "hops" is unknown/,
  );
});

interface Service {
  readonly health: Health;
  readonly db: ScriptedProbe;
}

const INTERVAL_MS = 1_000;

/** Services on one clock, each with a db of its own, that watch one another as told: `{ a: ["b"] }`. */
function startServices(
  t: TestContext,
  clock: FakeClock,
  watching: Readonly<Record<string, readonly string[]>>,
): Map<string, Service> {
  const services = new Map<string, Service>();
  const call = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { hostname, pathname } = new URL(String(url));
    const headers = Object.fromEntries(new Headers(init?.headers));
    const answer = await ask((services.get(hostname) as Service).health, pathname, headers);
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
  for (const [service, watched] of Object.entries(watching)) {
    const db = createScriptedProbe({ name: "db", intervalMs: INTERVAL_MS });
    const others = watched.map(
      (name): Probe =>
        serviceProbe({ name, url: `http://${name}/`, intervalMs: INTERVAL_MS, fetch: call as typeof fetch }),
    );
    const health = createHealth({ service, probes: [db.probe, ...others], clock });
    t.after(() => health.close());
    services.set(service, { health, db });
  }
  return services;
}

/** The names of a service's failing entries. */
const failing = ({ health }: Service): string[] =>
  health
    .entries()
    .filter((entry) => entry.level === "failing")
    .map((entry) => entry.probe.name);

test("Three services in a ring recover from one transient fault within recoverAfter + 1 intervals of its end", async (t) => {
  const clock = new FakeClock();
  const services = startServices(t, clock, { a: ["b"], b: ["c"], c: ["a"] });
  const { db } = services.get("b") as Service;
  await clock.advance(5 * INTERVAL_MS);
  db.play("ERROR");
  await clock.advance(10 * INTERVAL_MS);
  assert.deepEqual(Object.fromEntries([...services].map(([name, service]) => [name, failing(service)])), {
    a: ["b"],
    b: ["db"],
    c: [],
  });
  db.play("OK");
  await clock.advance(3 * INTERVAL_MS);
  for (const service of services.values()) assert.deepEqual(failing(service), []);
});

test("Services in a ring answer with as many bytes after 10,000 polls as at first", async (t) => {
  const clock = new FakeClock();
  const services = startServices(t, clock, { a: ["b"], b: ["c"], c: ["a"] });
  const accept = { accept: "application/health+json" };
  const sizes = async (): Promise<number[]> =>
    Promise.all(
      [...services.values()].map(
        async ({ health }) => (await ask(health, "/health/status", accept)).body.length,
      ),
    );
  for (const { db } of services.values()) db.play("ERROR");
  await clock.advance(5 * INTERVAL_MS);
  const before = await sizes();
  await clock.advance(10_000 * INTERVAL_MS);
  assert.deepEqual(await sizes(), before);
});

test("In a chain of four the one whose own entry fails is the first to blame", async (t) => {
  const clock = new FakeClock();
  const services = startServices(t, clock, { a: ["b"], b: ["c"], c: ["d"], d: [] });
  (services.get("d") as Service).db.play("ERROR");
  await clock.advance(10 * INTERVAL_MS);
  const blamed: string[] = [];
  for (const [name, { health }] of services) {
    const { body } = await ask(health, "/health/status", { accept: "application/health+json" });
    const { checks } = JSON.parse(body) as { checks: Record<string, { kind: string; status: string }[]> };
    for (const [entry, results] of Object.entries(checks)) {
      if (results.some(({ kind, status }) => kind === "own" && status === "fail"))
        blamed.push(`${name}/${entry}`);
    }
  }
  assert.deepEqual(blamed, ["d/db"]);
  assert.deepEqual([...services.values()].map(failing), [[], [], ["d"], ["db"]]);
});
