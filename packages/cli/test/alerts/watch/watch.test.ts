import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { anyText } from "../../../../../test/helpers/any-text.ts";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { type Chat, startChat } from "../../../../../test/helpers/real-alerting.ts";
import { runs } from "../../../../../test/helpers/scale.ts";
import { KNOWN_SECRETS } from "../../../../../test/helpers/secrets.ts";
import { until } from "../../../../../test/helpers/until.ts";
import { FakeClock } from "../../../../tracing/src/testing.ts";
import { Traffic } from "../../../../tracing/src/traffic/traffic.ts";
import { readNotification } from "../../../src/alerts/watch/notification.ts";
import { slackTarget, webhookTarget } from "../../../src/alerts/watch/targets.ts";
import { startWatch, type Watch, type WatchOptions } from "../../../src/alerts/watch/watch.ts";
import { investigate } from "../../../src/index.ts";
import { whodunit } from "../../helpers/command.ts";
import { type FakeService, fakeService, series } from "../../helpers/fake-service.ts";
import { withTimes } from "../../simulator/scraped.ts";

// Removed at the end: until it is closed a watch writes there.
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const failingSeries = (error: string) => [
  series("server", "web", "GET /", { count: 300, failures: 30, error }),
];
const wellSeries = [series("server", "web", "GET /", { count: 300 })];

/** A watch over these services that tells a chat; `more` of its options. */
async function watching(
  t: TestContext,
  services: readonly FakeService[],
  more: Partial<WatchOptions> = {},
): Promise<{ chat: Chat; watch: Watch; said: string[]; again: () => Promise<Watch>; statePath: string }> {
  const chat = await startChat(t);
  const said: string[] = [];
  const statePath = join(temporary(), "state.json");
  const start = async (): Promise<Watch> => {
    const watch = await startWatch({
      ...{ host: "127.0.0.1", port: 0, alertsToken: undefined, statePath, traceUrl: null },
      ...{ quietMs: 600_000, againMs: 600_000 },
      targets: [webhookTarget(new URL(chat.url), undefined)],
      look: () => investigate(services.map(({ url }) => url)),
      tell: (text) => said.push(text),
      ...more,
    });
    t.after(() => watch.close());
    return watch;
  };
  return { chat, said, statePath, watch: await start(), again: start };
}

/** What Alertmanager posts of one group. */
function notification(group: string, status: "firing" | "resolved", more: object = {}): string {
  const alert = {
    status,
    labels: { alertname: "ErrorBudgetBurn", service_name: group, priority: "page" },
    annotations: {
      summary: `${group} fails too many requests`,
      runbook_url: "https://runbooks.example.org/a",
    },
    startsAt: "2026-11-20T08:40:00.000Z",
    ...more,
  };
  const alerts = status === "firing" ? [alert] : [{ ...alert, endsAt: "2026-11-20T08:50:00.000Z" }];
  return JSON.stringify({ version: "4", groupKey: `{}:{service_name="${group}"}`, status, alerts });
}

async function post(
  watch: Pick<Watch, "url">,
  body: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const answer = await fetch(`${watch.url}/alerts`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  await answer.arrayBuffer();
  return answer.status;
}

const kinds = ({ posts }: Chat): unknown[] => posts.map(({ body }) => body.kind);

test("whodunit watch tells who is at fault, again when it is somebody else, and when it is over", async (t) => {
  const voting = await fakeService(t, "voting", failingSeries("DoughnutError"));
  const web = await fakeService(t, "web", wellSeries);
  const { chat, watch } = await watching(t, [voting, web], {
    ...{ againMs: 20, quietMs: 50, traceUrl: "https://tempo.example.org/trace/{traceId}" },
  });
  assert.equal(await post(watch, notification("web", "firing")), 200);
  await until(() => chat.posts.length === 1);
  const [first] = chat.posts;
  assert.ok(first !== undefined);
  assert.equal(first.body.kind, "opened");
  assert.equal(first.body.verdict, "culprit");
  assert.equal((first.body.culprit as { service: string }).service, "voting");
  assert.equal(first.body.since, "2026-11-20T08:46:59.500Z");
  assert.deepEqual(first.body.links, {
    dashboard: null,
    runbook: "https://runbooks.example.org/a",
    trace: "https://tempo.example.org/trace/5c522f9b5c522f9b5c522f9b5c522f9b",
  });
  assert.ok((first.body.evidence as string[]).length > 0);
  const text = String(first.body.text);
  assert.match(text, /^voting is murdering requests\.\n/);
  for (const line of [
    /failures {3}30 of 300 requests \(10\.00%\)/,
    /error {6}500 DoughnutError/,
    /alert {6}ErrorBudgetBurn web fails too many requests \(page\)/,
    /evidence {3}\S/,
    /runbook {4}https:\/\/runbooks\.example\.org\/a/,
  ])
    assert.match(text, line);
  assert.match(String(first.headers["idempotency-key"]), /^[0-9a-f]{16}-opened-/);

  voting.series = wellSeries;
  web.series = failingSeries("TypeError");
  await until(() => chat.posts.length === 2);
  // Back again: it was told of already.
  web.series = wellSeries;
  voting.series = failingSeries("DoughnutError");
  const asked = voting.seen.length;
  await until(() => voting.seen.length > asked + 6, "it looked again");
  assert.equal(await post(watch, notification("web", "resolved")), 200);
  await until(() => chat.posts.length === 3);
  assert.deepEqual(kinds(chat), ["opened", "culprit-changed", "over"]);
  assert.match(
    String(chat.posts[1]?.body.text),
    /^Somebody else is at fault now\.\nweb is murdering requests\./,
  );
  assert.match(String(chat.posts[2]?.body.text), /^It is over, after \d+ min\. It was web\.\n/);
});

test("whodunit watch tells an alert too for which nobody is found at fault, and whoever is found later", async (t) => {
  const web = await fakeService(t, "web", wellSeries);
  const { chat, watch } = await watching(t, [web], { againMs: 20 });
  await post(watch, notification("web", "firing"));
  await until(() => chat.posts.length === 1);
  assert.equal(chat.posts[0]?.body.verdict, "nothing");
  assert.match(String(chat.posts[0]?.body.text), /^Nothing out of the ordinary/);
  web.series = failingSeries("TypeError");
  await until(() => chat.posts.length === 2);
  assert.deepEqual(kinds(chat), ["opened", "culprit-changed"]);
});

test("whodunit watch accuses nobody of what another service suffers, and says who is at fault elsewhere", async (t) => {
  const [web, other] = [
    await fakeService(t, "web", failingSeries("TypeError")),
    await fakeService(t, "other", []),
  ];
  other.series = [series("server", "bot", "GET /", { count: 300 })];
  const { chat, watch } = await watching(t, [web, other]);
  await post(watch, notification("other", "firing"));
  await post(watch, notification("nobody-of-this-name", "firing"));
  await until(() => chat.posts.length === 2);
  const texts = chat.posts.map(({ body }) => [body.verdict, String(body.text).split("\n").slice(0, 3)]);
  assert.deepEqual(texts, [
    ["nothing", ["Nobody on a way of other is at fault. Elsewhere:", "", "web is murdering requests."]],
    ["culprit", ["web is murdering requests.", "", "  service    web"]],
  ]);
});

test("whodunit watch tells an alert too when looking fails", async (t) => {
  const { chat, watch } = await watching(t, [], { look: () => Promise.reject(new Error("no way")) });
  await post(watch, notification("web", "firing"));
  await until(() => chat.posts.length === 1);
  assert.equal(chat.posts[0]?.body.verdict, "cannot-tell");
  assert.match(String(chat.posts[0]?.body.text), /^Cannot tell who is at fault\.\n\nError: no way/);
});

test("whodunit watch looks once for all incidents that wait for it", async (t) => {
  const web = await fakeService(t, "web", failingSeries("TypeError"));
  let looks = 0;
  const { chat, watch } = await watching(t, [web], {
    look: () => {
      looks++;
      return investigate([web.url]);
    },
  });
  const groups = Array.from({ length: 40 }, (_, i) => `group-${i}`);
  await Promise.all(groups.map((group) => post(watch, notification(group, "firing"))));
  await until(() => chat.posts.length === 40);
  assert.ok(looks < 20, `${looks} looks`);
});

test("whodunit watch sends again what was not taken, waits as long as it is told to, and sends after a restart what it could not before", async (t) => {
  const web = await fakeService(t, "web", failingSeries("TypeError"));
  const chat = await startChat(t);
  chat.answers.push({ status: 503 }, { status: 429, headers: { "retry-after": "1" } });
  const { watch, said, again, statePath } = await watching(t, [web], {
    targets: [webhookTarget(new URL(chat.url), "chat-token-chat-token")],
  });
  await post(watch, notification("web", "firing"));
  await until(() => chat.posts.length === 1);
  assert.deepEqual(said, ["webhook answered 503; it is tried again"]);
  assert.equal(chat.posts[0]?.headers.authorization, "Bearer chat-token-chat-token");

  for (let i = 0; i < 100; i++) chat.answers.push({ status: 500 });
  await post(watch, notification("other", "firing"));
  await until(() => said.length > 1);
  await watch.close();
  assert.equal(JSON.parse(readFileSync(statePath, "utf8")).waiting.length, 1);
  assert.equal(statSync(statePath).mode & 0o077, 0, "nobody else reads it");
  chat.answers.length = 0;
  await again();
  await until(() => chat.posts.length === 2);
  assert.deepEqual(kinds(chat), ["opened", "opened"]);
});

test("whodunit watch gives a message up that a target refuses, and another target has it all the same", async (t) => {
  const web = await fakeService(t, "web", failingSeries("TypeError"));
  const [chat, other] = [await startChat(t), await startChat(t)];
  chat.answers.push({ status: 400 });
  const { watch, said } = await watching(t, [web], {
    targets: [slackTarget(new URL(chat.url)), webhookTarget(new URL(other.url), undefined)],
  });
  await post(watch, notification("web", "firing"));
  await until(() => other.posts.length === 1 && said.length === 1);
  assert.match(said[0] ?? "", /^slack answered 400: a message of incident [0-9a-f]{16} is given up$/);
  await post(watch, notification("next", "firing"));
  await until(() => chat.posts.length === 1);
});

test("whodunit watch sends Slack no secret, no mention and no markup that services or alerts hold", async (t) => {
  const secrets = Object.values(KNOWN_SECRETS);
  const { PASSWORD, BASIC, ...others } = KNOWN_SECRETS;
  const told = [`password=${PASSWORD}`, `Basic ${BASIC}`, ...Object.values(others)].join(" ");
  const evil = `<!channel> @here *x* \`\`\` <https://evil.example|runbook> ${told}`;
  const web = await fakeService(t, "web", [
    series("server", "<!everyone>", `GET /${evil}`, { count: 300, failures: 30, error: evil }),
  ]);
  const [chat, other] = [await startChat(t), await startChat(t)];
  const { watch, statePath } = await watching(t, [web], {
    targets: [slackTarget(new URL(chat.url)), webhookTarget(new URL(other.url), undefined)],
  });
  await post(
    watch,
    notification("web", "firing", {
      annotations: {
        summary: evil,
        runbook_url: "javascript:alert(1)",
        dashboard_url: "https://grafana.example.org/?a=1&b=2",
      },
    }),
  );
  await until(() => chat.posts.length === 1 && other.posts.length === 1);
  const text = String(chat.posts[0]?.body.text);
  const [first, ...rest] = text.split("\n");
  assert.equal(first, "*web is murdering requests.*");
  assert.equal(rest.at(-1), "<https://grafana.example.org/?a=1&amp;b=2|dashboard>");
  assert.deepEqual([rest[0], rest.at(-2)], ["```", "```"]);
  assert.doesNotMatch(rest.slice(1, -2).join("\n"), /[<>`]/);
  const kept = readFileSync(statePath, "utf8");
  for (const everything of [text, JSON.stringify(other.posts[0]?.body), kept]) {
    for (const secret of secrets) assert.ok(!everything.includes(secret), `${secret} is in ${everything}`);
    assert.ok(!everything.includes("javascript:"));
  }
});

test("whodunit watch refuses what is no notification, and says what is wanted", async (t) => {
  const token = "alerts-token-alerts-token";
  const { watch, chat } = await watching(t, [], { alertsToken: token });
  const bearer = { authorization: `Bearer ${token}` };
  const good = notification("web", "firing");
  assert.equal(await post(watch, good), 401);
  assert.equal(await post(watch, good, { authorization: "Bearer another-token-another" }), 401);
  assert.equal(await post(watch, good, { ...bearer, "content-type": "text/plain" }), 415);
  assert.equal(await post(watch, " ".repeat(3_000_000), bearer), 413);
  assert.equal(await post(watch, "{", bearer), 400);
  for (const [change, said] of [
    [{ version: "3" }, '"version" is "3", want "4", of Alertmanager\'s webhook'],
    [{ groupKey: 7 }, '"groupKey" is 7, want a text of up to 4096 characters'],
    [{ status: "odd" }, '"status" is "odd", want "firing" or "resolved"'],
    [{ alerts: [] }, '"alerts" is [], want a list of one alert or more'],
  ] as const) {
    const answer = await fetch(`${watch.url}/alerts`, {
      method: "POST",
      body: JSON.stringify({ ...JSON.parse(good), ...change }),
      headers: { ...bearer, "content-type": "application/json" },
    });
    assert.deepEqual([answer.status, await answer.json()], [400, { message: said }]);
  }
  const plain = await fetch(`${watch.url}/alerts`, { headers: bearer });
  assert.deepEqual([plain.status, plain.headers.get("allow")], [405, "POST"]);
  assert.equal((await fetch(`${watch.url}/other`, { headers: bearer })).status, 404);
  assert.equal((await fetch(`${watch.url}/health/live`)).status, 200);
  assert.equal(await asHost(watch, "evil.example"), 403);
  assert.equal(chat.posts.length, 0);
});

test("readNotification takes or refuses any JSON, and what it takes is bounded", () => {
  const labels = fc.dictionary(anyText(), fc.oneof(anyText({ maxLength: 2_000 }), fc.anything()));
  const alert = fc.record({
    status: fc.constantFrom("firing", "resolved"),
    labels,
    annotations: labels,
    startsAt: anyText(),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(alert, fc.anything()), { maxLength: 30 }), (alerts) => {
      let read: ReturnType<typeof readNotification>;
      try {
        read = readNotification(JSON.stringify({ version: "4", groupKey: "g", status: "firing", alerts }));
      } catch (error) {
        assert.equal((error as { status: number }).status, 400);
        return;
      }
      assert.ok(read.alerts.length >= 1 && read.alerts.length <= 10);
      assert.ok(JSON.stringify(read).length < 10 * 20_000);
    }),
    { numRuns: runs(2_000) },
  );
});

test("whodunit watch refuses further incidents when a thousand are open, and takes them when some are over", async (t) => {
  const chat = await startChat(t);
  const { watch, said } = await watching(t, [], {
    ...{ quietMs: 1, againMs: 600_000, targets: [webhookTarget(new URL(chat.url), undefined)] },
    look: async () => ({ failed: "nobody was asked" }),
  });
  for (let i = 0; i < 1_000; i += 50) {
    const some = Array.from({ length: 50 }, (_, n) => post(watch, notification(`group-${i + n}`, "firing")));
    assert.ok((await Promise.all(some)).every((status) => status === 200));
  }
  assert.equal(await post(watch, notification("one-more", "firing")), 503);
  assert.match(said.join("\n"), /more than 1,000 incidents are open/);
  await post(watch, notification("group-0", "resolved"));
  await until(async () => (await post(watch, notification("one-more", "firing"))) === 200);
});

test("whodunit watch puts a state file aside that is none, and says so", async (t) => {
  const folder = temporary();
  const statePath = join(folder, "watch.json");
  for (const text of ["{", "[]", '{"version":2}', '{"version":1,"incidents":[7],"waiting":[]}']) {
    writeFileSync(statePath, text);
    const { watch, said } = await watching(t, [], { statePath });
    await watch.close();
    assert.match(
      said.join(),
      /watch\.json holds no state of whodunit watch; it is in .*watch\.json\.unread now/,
    );
    assert.equal(readFileSync(`${statePath}.unread`, "utf8"), text);
  }
});

test("whodunit watch ends although somebody sends half a notification", async (t) => {
  const { watch } = await watching(t, []);
  const half = request(`${watch.url}/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": "100" },
  });
  const cut = once(half, "error");
  half.write("{");
  await until(() => half.socket?.bytesWritten !== undefined && half.socket.bytesWritten > 0);
  await Promise.all([watch.close(), cut]);
});

test("whodunit watch says what is wrong with its command line, and does not begin", async () => {
  const folder = temporary();
  const state = ["--state", join(folder, "watch.json")];
  const url = "http://127.0.0.1:1";
  for (const [args, env, said] of [
    [["--host", "0.0.0.0"], {}, /--host 0\.0\.0\.0 lets others in: set WHODUNIT_ALERTS_TOKEN/],
    [["--alerts-token", "short"], {}, /the token for alerts is shorter than 16 characters/],
    [["--slack", "hooks.slack.com/services/x"], {}, /It is no http or https URL/],
    [["--trace-url", "https://tempo.example.org/"], {}, /with \{traceId\} in it/],
    [["--quiet", "soon"], {}, /It is not a duration/],
    [[], { WHODUNIT_SLACK_URL: "T0/B0/hooksecret" }, /^error: WHODUNIT_SLACK_URL is no http or https URL\n$/],
    [[], { WHODUNIT_WEBHOOK_TOKEN: "two words" }, /WHODUNIT_WEBHOOK_TOKEN holds a space/],
  ] as const) {
    const { code, stderr } = await whodunit(["watch", url, ...state, ...args], { env });
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
  assert.equal((await whodunit(["watch"])).code, 2);
  const nowhere = await whodunit([
    "watch",
    url,
    "--port",
    "0",
    "--state",
    join(folder, "none", "watch.json"),
  ]);
  assert.equal(nowhere.code, 3);
  assert.match(nowhere.stderr, /cannot write the state to .*watch\.json: ENOENT/);
});

/** Runs the program, sends it one alert, and gives the message that it prints. */
async function printed(t: TestContext, args: readonly string[]): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      ...[
        "--conditions=@whodunit/source",
        fileURLToPath(new URL("../../../bin/whodunit.js", import.meta.url)),
      ],
      ...["watch", ...args, "--port", "0", "--state", join(temporary(), "watch.json")],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  t.after(() => child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  await until(() => /alerts\n/.test(stderr), "it listens");
  const [, url = ""] = /^Taking alerts on (http:\/\/127\.0\.0\.1:\d+)\/alerts\n/.exec(stderr) ?? [];
  assert.equal(await post({ url }, notification("web", "firing")), 200);
  await until(() => stdout.endsWith("\n\n"), "it prints");
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  assert.equal(code, 0, stderr);
  return stdout;
}

test("whodunit watch, the program, prints messages where there is nowhere else to send them, and ends when told to", async (t) => {
  const web = await fakeService(t, "web", failingSeries("TypeError"));
  assert.match(await printed(t, [web.url]), /^web is murdering requests\.\n/);
});

test("whodunit watch asks a real Prometheus who is at fault, and about no moment past", async (t) => {
  const refused = await whodunit(["watch", "--prometheus", "http://127.0.0.1:9", "--at", "03:12"]);
  assert.deepEqual([refused.code, /watch asks about now/.test(refused.stderr)], [2, true]);
  const nobody = await whodunit(["watch"]);
  assert.deepEqual([nobody.code, /or --prometheus <url>/.test(nobody.stderr)], [2, true]);

  const prometheus = await startPrometheus(t, { history: [failingHistory(Date.now())] });
  if (prometheus === undefined) return;
  const message = await printed(t, ["--prometheus", prometheus.url, "--last", "10m"]);
  assert.match(message, /^voting is murdering requests\.\n/);
  assert.match(message, /POST \/votes/);
});

/** What a store has scraped of a service in the hour until `nowMs`, whose requests fail in the last ten minutes. */
function failingHistory(nowMs: number): string {
  const startMs = nowMs - 3_600_000;
  const clock = new FakeClock(startMs);
  const traffic = new Traffic({
    service: "voting",
    instance: "voting-1",
    version: "1.8.3",
    classify: undefined,
    clock,
  });
  let lines = "";
  for (let atMs = startMs; atMs <= nowMs; atMs += 30_000) {
    lines += withTimes(
      traffic.scrape("openmetrics"),
      'instance="10.0.0.7:8080",job="whodunit"',
      atMs / 1_000,
    );
    for (let i = 0; i < 30; i++) {
      traffic.record({
        ...{ side: "server", peer: "web", route: "POST /votes/:choice", durationMs: 12 },
        ...{ errorType: undefined, aborted: false, trace: undefined, thrown: undefined },
        status: i % 3 === 0 && atMs > nowMs - 600_000 ? 500 : 200,
      });
      void clock.advance(1_000);
    }
  }
  return lines;
}

/** Asks with a Host header of its own, which fetch does not send. */
function asHost(watch: Watch, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, "content-type": "application/json" };
    request(`${watch.url}/alerts`, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end("{}");
  });
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-watch-"));
  folders.push(folder);
  return folder;
}
