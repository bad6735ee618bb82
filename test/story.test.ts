import assert from "node:assert/strict";
import { test } from "node:test";
import { investigate, type Span } from "whodunit";
import { CHOICES, VOTERS } from "../examples/murder-mystery/src/voters.ts";
import { signed } from "./helpers/signed.ts";
import { isAlive, Story } from "./helpers/story.ts";

const SERVICES = ["vote-bot", "web", "emoji", "voting"];
// What the voters sent that is nobody's business; the choices of emoji are.
const SECRETS = VOTERS.flatMap((voter) => Object.values(voter) as string[]).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
]);

const json = async (url: string): Promise<unknown> =>
  (await fetch(url, { headers: await signed(url) })).json();

test("the story names voting, and everything it shows is true", async (t) => {
  const story = new Story(t, ["--keep"]);
  await story.shows(/== Left running[\s\S]*Ctrl-C/);
  const services = story.services();
  assert.deepEqual([...services.keys()], SERVICES);
  const receiver = /^Map, traces, lines, health and metrics: (\S+)/m.exec(story.page)?.[1] ?? "";

  await t.test("every service's health is all green, in exactly three fields", async () => {
    for (const [name, { url }] of services) {
      const response = await fetch(`${url}/health/status`);
      assert.equal(response.status, 200, name);
      const body = (await response.json()) as Record<string, string>[];
      assert.ok(body.length > 0, `${name} has probes`);
      for (const entry of body) {
        assert.deepEqual(Object.keys(entry), ["Name", "Status", "StatusTime"]);
        assert.equal(entry.Status, "OK", `${name}: ${entry.Name}`);
        assert.equal(new Date(entry.StatusTime ?? "").toISOString(), entry.StatusTime);
      }
      assert.ok(
        story.section("Health").includes(`${name.padEnd(9)} 200 [{"Name":"${body[0]?.Name}","Status":"OK"`),
      );
    }
    const web = services.get("web")?.url;
    assert.deepEqual(names(await json(`${web}/health/status`)), ["emoji", "voting", "twodegrees/monetizer"]);
    assert.deepEqual(names(await json(`${web}/health/status/external`)), ["twodegrees/monetizer"]);
  });

  await t.test("the verdict says who, where, how much, since when and who suffers", () => {
    const verdict = verdictOf(story);
    assert.match(verdict, /^voting is murdering requests/m);
    assert.match(verdict, /^ *route +POST \/votes\/:choice$/m);
    assert.match(verdict, /^ *suffering +web, /m);
    assert.match(verdict, /^ *since +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/m);
    assert.match(verdict, /BallotError/);
    const [, failures, count] = /^ *failures +(\d+) of (\d+) requests/m.exec(verdict) ?? [];
    // One vote in five is for the doughnut; the window may cut a round of voting.
    assert.ok(
      Math.abs(Number(failures) / Number(count) - 1 / CHOICES.length) < 0.05,
      `${failures} of ${count}`,
    );
  });

  await t.test("stat shows the route that fails beside those that do not", () => {
    const stat = story.section("whodunit stat");
    assert.match(stat, /SUCCESS +RPS +LATENCY_P50 +LATENCY_P95 +LATENCY_P99/);
    assert.match(stat, /voting .*POST \/votes\/:choice .*(79|80|81)\.\d\d%/);
    assert.match(stat, /emoji .*GET \/emoji\/:shortcode .*100\.00%/);
  });

  await t.test("the failing trace is one chain through three services", async () => {
    const traceId = /^ *trace +([0-9a-f]{32})/m.exec(verdictOf(story))?.[1];
    const { spans } = (await json(`${receiver}/api/traces/${traceId}`)) as { spans: Span[] };
    const chain: string[] = [];
    let span = spans.find(({ name }) => name === "write-ballot");
    assert.equal(span?.error, true);
    while (span !== undefined) {
      chain.unshift(`${span.service} ${span.kind} ${span.name}`);
      const parent: string | null = span.parentSpanId;
      span = spans.find(({ spanId }) => spanId === parent);
    }
    assert.deepEqual(chain, [
      "vote-bot internal cast-vote",
      "vote-bot client POST",
      "web server POST /api/vote",
      "web client POST",
      "voting server POST /votes/:choice",
      "voting internal count-vote",
      "voting internal write-ballot",
    ]);
    for (const line of ["cast-vote", "POST /api/vote", "POST /votes/:choice", "write-ballot"]) {
      assert.ok(story.section("whodunit investigate").includes(line), `the waterfall shows ${line}`);
    }
  });

  await t.test(
    "the page has lines, health and metrics of every service beside its spans, and lines in their trace",
    async () => {
      const ask = async <T>(path: string): Promise<T> => (await json(receiver + path)) as T;
      const { entries } = await ask<{ entries: { service: string; status: string }[] }>("/api/health");
      const { metrics } = await ask<{ metrics: { service: string }[] }>("/api/metrics");
      const { names } = await ask<{ names: { service: string }[] }>("/api/names");
      for (const told of [entries, metrics, names])
        assert.deepEqual([...new Set(told.map(({ service }) => service))].sort(), SERVICES.toSorted());
      assert.ok(entries.every(({ status }) => status === "OK"));
      const traceId = /^ *trace +([0-9a-f]{32})/m.exec(verdictOf(story))?.[1];
      const { lines } = await ask<{ lines: { service: string; failed: boolean }[] }>(
        `/api/lines?trace=${traceId}`,
      );
      assert.ok(lines.some(({ service, failed }) => service === "voting" && failed));
    },
  );

  await t.test("the spans that the page has received name the same culprit", async () => {
    const { culprits } = await investigate([], { receiver: { url: receiver } });
    assert.deepEqual(
      culprits.map(({ service, routes, callers }) => [service, routes[0]?.name, callers[0]?.name]),
      [["voting", "POST /votes/:choice", "web"]],
    );
  });

  await t.test("Whodunit's own routes and requests leave no line, no span and no series", async () => {
    for (const { url } of services.values()) {
      for (const path of ["/health/status", "/health/live", "/health/ready", "/debug/traffic"])
        await fetch(url + path);
    }
    for (const [name, { url }] of services) {
      const { series } = (await json(`${url}/debug/traffic`)) as {
        series: { route: string; peer: string }[];
      };
      assert.ok(series.length > 0, name);
      assert.deepEqual(
        series.filter(({ route }) => /health|debug/.test(route)),
        [],
      );
      assert.deepEqual(
        series.filter(({ peer }) => receiver.endsWith(peer)),
        [],
        "the exporter's requests are no traffic",
      );
    }
    const spans = await everySpan(receiver);
    assert.deepEqual(
      spans.filter((span) => /\/health|\/debug|\/v1\/traces/.test(JSON.stringify(span))),
      [],
    );
  });

  await t.test("spans hold no secret that the voters sent", async () => {
    const spans = await everySpan(receiver);
    assert.ok(spans.length > 500, `${spans.length} spans`);
    const text = JSON.stringify(spans);
    for (const secret of SECRETS) assert.ok(!text.includes(secret), `found ${secret}`);
  });

  await t.test("Ctrl-C ends all processes", async () => {
    story.ctrlC();
    assert.equal(await story.over(), 0);
    for (const [name, { pid }] of services) assert.equal(isAlive(pid), false, name);
  });

  await t.test("every log line is valid JSON with its keys in order", () => {
    const lines = story.lines();
    assert.deepEqual([...lines.keys()].sort(), [...SERVICES].sort());
    for (const [name, own] of lines) {
      assert.ok(own.length > 0, name);
      for (const line of own) {
        const keys = Object.keys(JSON.parse(line));
        assert.deepEqual(keys.slice(0, 4), ["level", "time", "msg", "service"], line);
        const { level, time, msg, service } = JSON.parse(line);
        assert.match(level, /^(debug|error)$/);
        assert.equal(new Date(time).toISOString(), time);
        assert.ok(msg === name || msg.startsWith(`${name}-`), line);
        assert.equal(service, name);
        assert.doesNotMatch(line, /"route":"\/(health|debug)/);
      }
    }
  });

  await t.test("one response line a request, and the failing one carries its trace", () => {
    const responses = parsed(story, "voting").filter(({ msg }) => msg === "voting-http-response");
    assert.ok(responses.length > 100);
    assert.equal(new Set(responses.map(({ RequestID }) => RequestID)).size, responses.length);
    for (const line of responses) {
      assert.equal(line.level, (line.status as number) >= 500 ? "error" : "debug");
      assert.match(String(line.trace_id), /^[0-9a-f]{32}$/);
      assert.match(String(line.span_id), /^[0-9a-f]{16}$/);
      assert.equal(typeof line.duration, "number");
    }
    const received = parsed(story, "web").filter(({ msg }) => msg === "web-api-vote-received");
    const traced = new Set(parsed(story, "voting").map(({ trace_id }) => trace_id));
    assert.ok(
      received.some(({ trace_id }) => traced.has(trace_id)),
      "web and voting log the same traces",
    );
  });

  await t.test("no line and no page holds a secret that the voters sent", () => {
    const written = [story.page, story.stderr(), ...[...story.lines().values()].flat()].join("\n");
    assert.match(written, /web-api-vote-received/, "what the voters sent was logged");
    for (const secret of SECRETS) assert.ok(!written.includes(secret), `found ${secret}`);
  });
});

test("the story refuses a murderer it does not know", async (t) => {
  const story = new Story(t, ["--murderer", "butler"]);
  assert.equal(await story.over(), 2);
  assert.match(
    story.page,
    /--murderer is "butler", want one of voting, emoji, slow-link, bad-deploy, blocked-loop, none/,
  );
});

test("the story says how it is started, and refuses what it does not know in a line", async (t) => {
  const help = new Story(t, ["--help"]);
  assert.equal(await help.over(), 0);
  assert.match(
    help.page,
    /^Usage: npm start -- \[--murderer voting\|emoji\|slow-link\|bad-deploy\|blocked-loop\|none\]/,
  );
  const loud = new Story(t, ["--loud"]);
  assert.equal(await loud.over(), 2);
  assert.match(loud.page, /^Unknown option '--loud'.*\nUsage: .*\n$/);
});

const verdictOf = (story: Story): string => story.section("whodunit investigate");

const names = (body: unknown): string[] => (body as { Name: string }[]).map(({ Name }) => Name);

function parsed(story: Story, service: string): Record<string, unknown>[] {
  return (story.lines().get(service) ?? []).map((line) => JSON.parse(line));
}

async function everySpan(receiver: string): Promise<Span[]> {
  const { traces } = (await json(`${receiver}/api/traces?limit=1000`)) as { traces: { traceId: string }[] };
  const all = await Promise.all(
    traces.map(
      async ({ traceId }) => ((await json(`${receiver}/api/traces/${traceId}`)) as { spans: Span[] }).spans,
    ),
  );
  return all.flat();
}
