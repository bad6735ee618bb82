import assert from "node:assert/strict";
import { test } from "node:test";
import { investigate, renderVerdict, startReceiver } from "../../src/index.ts";
import type { Series } from "../../src/sources/live/traffic-document.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, fakeService, series, serve } from "../helpers/fake-service.ts";
import { assertGolden } from "../helpers/golden.ts";
import { exportRequest, post, span, TRACE_ID } from "../helpers/otlp.ts";

/** No view runs there: the tests must not ask whatever listens on the default port. */
const noView = async (): Promise<{ view: string }> => ({ view: await deadAddress() });

test("investigate() walks from the entry to a service two calls further down", async (t) => {
  const storage = await fakeService(t, "storage", [
    series("server", "voting", "PUT /votes", { count: 80, failures: 20, error: "DiskFull" }),
  ]);
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes/:shortcode", { count: 80, failures: 20 }),
    series("client", storage.host, "PUT", { count: 80, failures: 20 }),
  ]);
  const emoji = await fakeService(t, "emoji", [series("server", "web", "GET /emoji", { count: 200 })]);
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/vote", { count: 200, failures: 20 }),
    series("client", voting.host, "POST", { count: 80, failures: 20 }),
    series("client", emoji.host, "GET", { count: 200 }),
  ]);
  const { verdict, culprits, services, missing } = await investigate([web.url], await noView());
  assert.equal(verdict, "culprit");
  assert.deepEqual(services, ["web", "voting", "emoji", "storage"], "found by address");
  assert.deepEqual(missing, []);
  assert.equal(culprits.length, 1);
  const [culprit] = culprits;
  assert.equal(culprit?.service, "storage");
  assert.deepEqual(culprit?.routes, [{ name: "PUT /votes", count: 80, failures: 20 }]);
  assert.deepEqual(culprit?.callers, [{ name: "voting", count: 80, failures: 20 }]);
  assert.deepEqual(culprit?.path, ["vote-bot", "web", "voting", "storage"]);
  assert.equal(culprit?.error, "500 DiskFull");
  assert.equal(culprit?.since, "2026-11-20T08:46:59.500Z");
});

test("investigate() names nobody where nothing is out of the ordinary", async (t) => {
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes/:shortcode", { count: 1_000, failures: 2 }),
  ]);
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/vote", { count: 1_000, failures: 2 }),
    series("client", voting.host, "POST", { count: 1_000, failures: 2 }),
  ]);
  const verdict = await investigate([web.url], await noView());
  assert.equal(verdict.verdict, "nothing");
  assert.deepEqual(verdict.culprits, []);
  assert.equal(renderVerdict(verdict), "Nothing out of the ordinary: 3000 requests in 1 min, 2 services.\n");
});

test("whodunit investigate exits with 3 where it found nothing and a given address gave nothing", async (t) => {
  const web = await fakeService(t, "web", [series("server", "bot", "GET /")]);
  const dead = await deadAddress();
  const view = ["--view", (await noView()).view];
  const half = await whodunit(["investigate", web.url, dead, ...view]);
  assert.equal(half.code, 3);
  assert.match(
    half.stdout,
    new RegExp(`^Nothing out of the ordinary.*Not seen:\n  http://${dead} refuses`, "s"),
  );
  // Who was only found and is silent is no news: its callers tell what became of their calls.
  web.series = [...web.series, series("client", dead, "GET")];
  assert.equal((await whodunit(["investigate", web.url, ...view])).code, 0);
});

test("whodunit investigate takes any answer of what --view names", async (t) => {
  const web = await fakeService(t, "web", [series("server", "bot", "GET /", { failures: 50 })]);
  const whole = {
    ...{ traceId: TRACE_ID, spanId: "17c85417c85417c8", parentSpanId: null, service: "web", name: "GET /" },
    ...{ kind: "server", startMs: 0, durationMs: 5, error: true, message: "" },
  };
  const good = { ...whole, attributes: {}, events: [{ name: "exception", attributes: {} }] };
  const odd = [
    null,
    5,
    { spans: 5 },
    { spans: [null] },
    { spans: [{}] },
    { spans: [whole] },
    { spans: [{ ...good, events: [null] }] },
    { spans: [{ ...good, attributes: null }] },
    { spans: [{ ...good, durationMs: "5" }] },
  ];
  const lists = [
    null,
    [],
    { traces: 5 },
    { traces: [null, {}, ...odd.map((_, i) => ({ traceId: `${i}` }))] },
  ];
  for (const list of lists) {
    const { url } = await serve(t, (req, res) => {
      const id = new URL(req.url!, "http://x").pathname.split("/")[3];
      const one = Number(id) < odd.length ? odd[Number(id)] : { spans: [good] };
      res.end(JSON.stringify(id === undefined ? list : one));
    });
    const { code, stdout, stderr } = await whodunit(["investigate", web.url, "--view", url]);
    assert.deepEqual([code, stderr], [1, ""], JSON.stringify(list));
    assert.match(stdout, /\n {2}trace +5c522f9b.*\n\nweb {2}GET \/ /, "the one that is a trace");
  }
});

test("investigate() blames the caller for its own errors, not the callee that is well", async (t) => {
  const emoji = await fakeService(t, "emoji", [series("server", "web", "GET /emoji", { count: 100 })]);
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/list", { count: 50 }),
    series("server", "vote-bot", "GET /api/vote", { count: 50, failures: 25, error: "TypeError" }),
    series("client", emoji.host, "GET", { count: 100 }),
  ]);
  const { culprits } = await investigate([web.url], await noView());
  assert.deepEqual(
    culprits.map(({ service, routes }) => [service, routes.map(({ name }) => name)]),
    [["web", ["GET /api/vote"]]],
  );
});

test("investigate() blames an external address that answers with errors", async (t) => {
  const payments = await serve(t, (_req, res) => res.writeHead(404).end("<html>"));
  const web = await fakeService(t, "web", [
    series("server", "unknown", "POST /pay", { count: 60, failures: 30 }),
    series("client", payments.host, "POST", { count: 60, failures: 30, classes: { "2xx": 30, "5xx": 30 } }),
  ]);
  const { culprits, missing } = await investigate([web.url], await noView());
  assert.deepEqual(
    culprits.map(({ service, known, fault, path }) => [service, known, fault, path]),
    [[payments.host, false, "errors", ["unknown", "web", payments.host]]],
  );
  assert.deepEqual(missing, [], "it is not ours, so nothing is missing");
});

test("investigate() blames a database known only by the name of its span, and says what health says", async (t) => {
  const latency = {
    gamma: 2,
    bins: [
      [4, 30],
      [11, 30],
    ] as const,
  };
  const check = (state: string, status: string, kind = "own") => [{ state, status, kind }];
  const orders = await fakeService(
    t,
    "orders",
    [
      series("server", "web", "GET /orders", { count: 60, failures: 30 }),
      series("client", "orders-db", "select", {
        count: 60,
        failures: 30,
        classes: { ok: 30, ETIMEDOUT: 30 },
        latency,
      }),
    ],
    {
      health: {
        ordersDB: check("TIMEOUT", "fail"),
        disk: check("OK", "pass"),
        x: check("ERROR", "fail", "service"),
      },
    },
  );
  const verdict = await investigate([orders.url], await noView());
  assert.deepEqual(
    verdict.culprits.map(({ service, fault }) => [service, fault]),
    [["orders-db", "timeouts"]],
  );
  assert.deepEqual(verdict.health, ["orders says ordersDB is TIMEOUT"]);
  assert.match(renderVerdict(verdict), /^ {2}health {5}orders says ordersDB is TIMEOUT$/m);
});

test("investigate() blames a service that is down, by its address, and says so", async (t) => {
  const dead = await deadAddress();
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/vote", { count: 60, failures: 60 }),
    series("client", dead, "POST", { count: 60, failures: 60, classes: { ECONNREFUSED: 60 } }),
  ]);
  const { culprits, missing } = await investigate([web.url, dead], await noView());
  assert.deepEqual(
    culprits.map(({ service, fault, error }) => [service, fault, error.split(" ")[0]]),
    [[dead, "unreachable", "500"]],
  );
  assert.deepEqual(missing, [`http://${dead} refuses connections`]);
});

test("investigate() cannot tell when nobody answers or nothing was asked of them", async (t) => {
  const dead = await deadAddress();
  const nobody = await whodunit(["investigate", dead, "--view", dead]);
  assert.equal(nobody.code, 3);
  assert.equal(
    nobody.stdout,
    `Cannot tell who is at fault.\n\nNot seen:\n  http://${dead} refuses connections\n`,
  );
  const idle = await fakeService(t, "web");
  const verdict = await investigate([idle.url], await noView());
  assert.equal(verdict.verdict, "cannot-tell");
  assert.deepEqual(verdict.missing, ["no requests in this window: a longer one may hold some (-t 10m)"]);
});

test("investigate() sends the token to given and followed addresses only", async (t) => {
  const token = "a-secret-of-sixteen";
  const voting = await fakeService(t, "voting", [series("server", "web", "POST /votes", { failures: 50 })], {
    token,
  });
  const web = await fakeService(
    t,
    "web",
    [
      series("server", "bot", "GET /", { failures: 50 }),
      series("client", voting.host, "POST", { failures: 50 }),
    ],
    { token },
  );
  const shy = await investigate([web.url], { token, ...(await noView()) });
  assert.equal(voting.seen.length, 1);
  assert.equal(voting.seen[0]?.headers.authorization, undefined);
  assert.equal(shy.verdict, "cannot-tell", "it may be voting or anybody behind it");
  assert.equal(shy.culprits[0]?.service, voting.host, "as its caller knows it");
  assert.match(
    renderVerdict(shy),
    /^Cannot tell who is at fault\.\nIt is 127\S+ or somebody behind it: .*50 of 100/,
  );
  assert.deepEqual(shy.missing, [
    `http://${voting.host} answered 401, no traffic (found, not given: only --follow ${voting.host} lets it have the token)`,
  ]);
  const follow = await investigate([web.url], {
    token,
    follow: [voting.host.replace(/^127/, "*")],
    ...(await noView()),
  });
  assert.equal(voting.seen[1]?.headers.authorization, `Bearer ${token}`);
  assert.equal(follow.culprits[0]?.service, "voting");
});

test("investigate() does not loop where services call one another in a circle", async (t) => {
  const a = await fakeService(t, "a");
  const b = await fakeService(t, "b", [
    series("server", "a", "GET /b", { failures: 40 }),
    series("client", a.host, "GET", { failures: 0 }),
  ]);
  a.series = [
    series("server", "b", "GET /a", { failures: 40 }),
    series("client", b.host, "GET", { failures: 40 }),
  ];
  const { culprits } = await investigate([a.url], await noView());
  assert.equal(culprits[0]?.service, "b");
  assert.deepEqual(culprits[0]?.path, ["a", "b"]);
});

test("whodunit investigate prints the verdict and the failing trace as a waterfall", async (t) => {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  const client = { kind: 3, status: { code: 2 } };
  const exception = {
    name: "exception",
    timeUnixNano: "1763628461970000000",
    attributes: [
      { key: "exception.type", value: { stringValue: "DoughnutError" } },
      { key: "exception.message", value: { stringValue: "no doughnuts" } },
    ],
  };
  await post(receiver.url, exportRequest("vote-bot", [span(1, 0, 40, { ...client, name: "POST" })]));
  await post(
    receiver.url,
    exportRequest("web", [
      span(2, 2, 36, { parentSpanId: span(1, 0, 0).spanId, name: "GET /api/vote", status: { code: 2 } }),
      span(3, 5, 30, { ...client, parentSpanId: span(2, 0, 0).spanId, name: "POST" }),
    ]),
  );
  const failed = { name: "POST /votes/:shortcode", status: { code: 2 }, events: [exception] };
  await post(
    receiver.url,
    exportRequest("voting", [span(4, 8, 25.5, { ...failed, parentSpanId: span(3, 0, 0).spanId })]),
  );
  const health = { disk: [{ status: "pass", state: "OK", kind: "own" }] };
  const voting = await fakeService(
    t,
    "voting",
    [
      series("server", "web", "POST /votes/:shortcode", {
        count: 240,
        failures: 31,
        error: "DoughnutError",
        traceId: TRACE_ID,
      }),
      series("server", "web", "GET /leaderboard", { count: 60 }),
    ],
    { health },
  );
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/vote", { count: 240, failures: 31 }),
    series("client", voting.host, "POST", { count: 240, failures: 31 }),
  ]);
  const { code, stdout } = await whodunit(["investigate", web.url, "--view", receiver.url]);
  assert.equal(code, 1);
  assertGolden("investigate", stdout.replace(/\(\d+ \w+ ago\)/, "(some time ago)"));
});

test("investigate() waits for a trace of which one service's spans arrive late", async (t) => {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  const failed = { status: { code: 2 } };
  const root = span(1, 0, 40, failed);
  const middle = span(2, 1, 38, { ...failed, parentSpanId: root.spanId });
  await post(receiver.url, exportRequest("vote-bot", [root]));
  await post(
    receiver.url,
    exportRequest("voting", [span(3, 2, 30, { ...failed, parentSpanId: middle.spanId })]),
  );
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes", { failures: 31, traceId: TRACE_ID }),
  ]);
  let late: Promise<unknown> | undefined;
  const view = await serve(t, async (req, res) => {
    const answer = await fetch(receiver.url + req.url);
    const body = await answer.text();
    // Sent once a part of the trace has been answered: a moment earlier would prove nothing.
    if (req.url?.startsWith("/api/traces/")) late ??= post(receiver.url, exportRequest("web", [middle]));
    await late;
    res.writeHead(answer.status).end(body);
  });
  const { trace } = await investigate([voting.url], { view: view.url });
  assert.deepEqual(
    trace?.spans.map(({ service }) => service),
    ["vote-bot", "web", "voting"],
  );
});

test("investigate() prefers a trace in which the culprit itself has a span", async (t) => {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  const failed = { status: { code: 2 } };
  // The latest failure: voting's batch has not gone out yet. An earlier one is whole.
  await post(receiver.url, exportRequest("web", [span(1, 9, 40, failed)]));
  const earlier = { ...failed, traceId: "abcdef0123456789abcdef0123456789" };
  const root = span(2, 0, 40, earlier);
  const exception = { key: "exception.message", value: { stringValue: "no sugar" } };
  const events = [{ name: "exception", timeUnixNano: "1763628461970000000", attributes: [exception] }];
  const below = span(3, 1, 30, { ...earlier, parentSpanId: root.spanId, name: "POST /votes", events });
  await post(receiver.url, exportRequest("web", [root]));
  await post(receiver.url, exportRequest("voting", [below]));
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes", { failures: 31, traceId: TRACE_ID }),
  ]);
  const verdict = await investigate([voting.url], { view: receiver.url });
  assert.deepEqual(
    verdict.trace?.spans.map(({ service }) => service),
    ["web", "voting"],
  );
  assert.match(
    renderVerdict(verdict),
    /^ {2}error {6}500 no sugar$/m,
    "the service told no more than its status",
  );
});

test("investigate() shows what there is of a trace that never becomes whole", async (t) => {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  const orphan = span(3, 2, 30, { status: { code: 2 }, parentSpanId: "00000000000000aa" });
  await post(receiver.url, exportRequest("voting", [orphan]));
  const voting = await fakeService(t, "voting", [series("server", "web", "POST /votes", { failures: 31 })]);
  const { trace } = await investigate([voting.url], { view: receiver.url });
  assert.equal(trace?.spans.length, 1);
});

test("investigate() says when it saw only some instances of a service, and accuses it once", async (t) => {
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes", { count: 100, failures: 10 }),
  ]);
  const web = await fakeService(t, "web", [
    series("server", "bot", "GET /", { count: 300, failures: 30 }),
    series("client", voting.host, "POST", { count: 300, failures: 30 }),
  ]);
  const { culprits, missing } = await investigate([web.url], await noView());
  assert.deepEqual(
    culprits.map(({ service }) => service),
    ["voting"],
  );
  assert.deepEqual(missing, ["voting: 1 instance seen, with about 33 % of its requests"]);
});

test("investigate() remarks who is slow for as long as is known, and accuses nobody", async (t) => {
  const slow = { gamma: 2, bins: [[11, 100]] as const };
  const both = (side: "server" | "client", peer: string, route: string, latency: Series["latency"]) =>
    [60, 600].map((windowS) => series(side, peer, route, { windowS, count: 100, latency }));
  const report = await fakeService(t, "report", both("server", "web", "GET /report", slow));
  const web = await fakeService(t, "web", [
    ...both("server", "bot", "GET /", slow),
    ...both("client", report.host, "GET", slow),
  ]);
  const verdict = await investigate([web.url], await noView());
  assert.equal(verdict.verdict, "nothing");
  assert.deepEqual(
    verdict.alwaysSlow.map(({ service }) => service),
    ["report"],
    "not web, which waits for it",
  );
  assert.match(
    renderVerdict(verdict),
    /\nSlow for as long as is known: report {2}GET \/report {2}slow {2}takes 1365 ms\n/,
  );
});

test("investigate() finds the database behind a service whose callers' names a proxy takes away", async (t) => {
  const voting = await fakeService(t, "voting", [
    series("server", "unknown", "POST /votes", { count: 200, failures: 60 }),
    series("client", "votes-db", "insert", { count: 200, failures: 60, classes: { ok: 140, ETIMEDOUT: 60 } }),
  ]);
  const web = await fakeService(t, "web", [
    series("server", "unknown", "GET /", { count: 200, failures: 60 }),
    series("client", voting.host, "POST", { count: 200, failures: 60 }),
  ]);
  const earlier = series("client", "votes-db", "insert", {
    windowS: 600,
    count: 900,
    latency: { gamma: 2, bins: [[1, 900]] },
  });
  voting.series = [...voting.series, earlier];
  const { culprits, missing } = await investigate([web.url], await noView());
  assert.deepEqual(
    culprits.map(({ service }) => service),
    ["votes-db"],
  );
  assert.deepEqual(missing, []);
});
