import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { serverFolder } from "../../../../../test/helpers/real-server.ts";
import { whodunit } from "../../helpers/command.ts";
import { deadAddress, serve } from "../../helpers/fake-service.ts";

type Reply = (response: ServerResponse, request: IncomingMessage, form: URLSearchParams) => void;

const success = (data: unknown, more: object = {}): string =>
  JSON.stringify({ status: "success", data, ...more });
const answer = (response: ServerResponse, status: number, body: string, headers = {}): void =>
  void response.writeHead(status, headers).end(body);
const NOW = (): string => success({ resultType: "scalar", result: [0, String(Date.now() / 1_000)] });
const ERROR = (type: string, error: string): string =>
  JSON.stringify({ status: "error", errorType: type, error });

/** What a store does, what the one line says, and how often it was asked. */
const REFUSALS: Readonly<Record<string, readonly [Reply, RegExp]>> = {
  "is slow": [(_response) => {}, /did not answer within 0\.3 s$/],
  "closes the connection": [(response) => response.destroy(), /broke its answer off$/],
  "sends half an answer and closes": [
    (response) => {
      response.writeHead(200, { "content-length": 900 });
      response.write(success({ resultType: "vector", result: [] }).slice(0, 40), () => response.destroy());
    },
    /broke its answer off$/,
  ],
  "sends half an answer as if it were whole": [
    (response) => answer(response, 200, NOW().slice(0, 40)),
    /answered half an answer, or no JSON$/,
  ],
  "sends half of its results as if they were all": [
    (response) => {
      const result = ["a", "b"].map((a) => ({ metric: { a }, value: [1, "2"] }));
      answer(response, 200, success({ resultType: "vector", result }).slice(0, -12));
    },
    /answered half an answer, or no JSON$/,
  ],
  "is another program": [(response) => answer(response, 404, "<html>"), /answered 404, not JSON$/],
  "answers what is no vector": [
    (response) => answer(response, 200, success({ result: {} })),
    /answered no vector$/,
  ],
  "answers values that are no numbers": [
    (response) =>
      answer(response, 200, success({ resultType: "vector", result: [{ metric: {}, value: [1, "many"] }] })),
    /answered what is no number$/,
  ],
  "answers in part, as Thanos says it": [
    (response) =>
      answer(response, 200, success({ resultType: "vector", result: [] }, { warnings: ["store-2 is gone"] })),
    /answered in part: store-2 is gone$/,
  ],
  "answers in part, as VictoriaMetrics says it": [
    (response) => answer(response, 200, success({ resultType: "vector", result: [] }, { isPartial: true })),
    /answered in part$/,
  ],
  "is asked too often": [
    (response) => answer(response, 429, "slow down", { "retry-after": "60" }),
    /answered 429: too many queries just now; ask again later$/,
  ],
  "wants a token": [
    (response) => answer(response, 401, "no"),
    /answered 401: it wants WHODUNIT_PROMETHEUS_TOKEN, or _USER and _PASSWORD$/,
  ],
  "loads too many samples": [
    (response) =>
      answer(response, 422, ERROR("execution", "query processing would load too many samples into memory")),
    /refuses a query over its limits \(query processing would load too many samples into memory\): ask for less by --match or --last$/,
  ],
  "gives a query up": [
    (response) => answer(response, 503, ERROR("timeout", "query timed out in expression evaluation")),
    /refuses a query over its limits \(query timed out in expression evaluation\): ask for less/,
  ],
  "finds a query wrong": [
    (response) => answer(response, 400, ERROR("bad_data", "parse error")),
    /answered 400: parse error$/,
  ],
  "holds nothing": [
    (response) => answer(response, 200, success({ resultType: "vector", result: [] })),
    /holds no requests of services at \d{4}-\S+Z: want whodunit_requests_total, or what docs\/prometheus\.md names beside it$/,
  ],
};

for (const [what, [reply, said]] of Object.entries(REFUSALS)) {
  test(`a store that ${what}: one clear line, exit code 3, and no verdict`, async (t) => {
    const { url } = await serve(t, async (request, response) => {
      const form = new URLSearchParams(await textOf(request));
      // The clock is right: what comes after is what goes wrong.
      if (form.get("query") === "time()" && what !== "is slow") answer(response, 200, NOW());
      else reply(response, request, form);
    });
    for (const command of ["investigate", "stat", "edges"]) {
      // Every other store answers at once, on a machine under load in its time.
      const env: Record<string, string> = what === "is slow" ? { WHODUNIT_PROMETHEUS_TIMEOUT: "300ms" } : {};
      const { code, stdout, stderr } = await whodunit([command, "--prometheus", url], { env });
      assert.deepEqual({ code, stdout }, { code: 3, stdout: "" }, stderr);
      const lines = stderr.trimEnd().split("\n");
      assert.equal(lines.length, 1, stderr);
      assert.ok(lines[0]!.startsWith(`whodunit: ${url} `), lines[0]);
      assert.match(lines[0]!, said);
    }
  });
}

test("a store that is down, or whose clock is another: one clear line, exit code 3", async (t) => {
  const down = await whodunit(["investigate", "--prometheus", `http://${await deadAddress()}`]);
  assert.equal(down.code, 3);
  assert.match(down.stderr, /^whodunit: http:\/\/127\.0\.0\.1:\d+ refuses connections\n$/);
  for (const [offS, said] of [
    [-420, "4\\d\\d s behind"],
    [420, "4\\d\\d s ahead of"],
  ] as const) {
    const { url } = await serve(t, (_request, response) =>
      answer(
        response,
        200,
        success({ resultType: "scalar", result: [0, String(Date.now() / 1_000 + offS)] }),
      ),
    );
    const { code, stdout, stderr } = await whodunit(["stat", "--prometheus", url]);
    assert.deepEqual({ code, stdout }, { code: 3, stdout: "" });
    assert.match(stderr, new RegExp(`has a clock ${said} this machine's: set them right`));
  }
});

test("a store that is busy for a moment is asked once more, after the time that it names", async (t) => {
  let asked = 0;
  const { url } = await serve(t, (_request, response) => {
    if (asked++ === 0) answer(response, 503, "", { "retry-after": "0" });
    else answer(response, 200, asked === 2 ? NOW() : success({ resultType: "vector", result: [] }));
  });
  const { stderr } = await whodunit(["stat", "--prometheus", url]);
  assert.equal(asked, 3);
  assert.match(stderr, /holds no requests/);
});

test("what opens a store comes from variables, is sent with every query, and is never shown", async (t) => {
  const seen: IncomingMessage["headers"][] = [];
  const { url } = await serve(t, (request, response) => {
    seen.push(request.headers);
    answer(response, seen.length % 2 === 1 ? 200 : 403, NOW());
  });
  const ask = (env: Record<string, string>) => whodunit(["stat", "--prometheus", `${url}/tenant`], { env });
  const token = await ask({
    WHODUNIT_PROMETHEUS_TOKEN: "s3cret",
    WHODUNIT_PROMETHEUS_HEADERS: "X-Scope-OrgID=shop",
  });
  assert.match(token.stderr, /\/tenant answered 403: it refuses this token\n$/);
  assert.deepEqual([seen[1]!.authorization, seen[1]!["x-scope-orgid"]], ["Bearer s3cret", "shop"]);
  const user = await ask({ WHODUNIT_PROMETHEUS_USER: "anna", WHODUNIT_PROMETHEUS_PASSWORD: "s3cret" });
  assert.match(user.stderr, /answered 403: it refuses this user\n$/);
  assert.equal(seen[3]!.authorization, `Basic ${Buffer.from("anna:s3cret").toString("base64")}`);
  assert.ok(!`${token.stderr}${user.stderr}`.includes("s3cret"));
  for (const { code, stdout } of [token, user]) assert.deepEqual({ code, stdout }, { code: 3, stdout: "" });
});

test("real Prometheus that wants a user: asked as the right one, else one clear line, exit code 3", async (t) => {
  const file = join(serverFolder(t), "web.yml");
  // bcrypt, of "an-open-secret".
  const anna = "$2b$04$abcdefghijklmnopqrstuuQnu1zQnBWXZtTkVB8fwMeARU3LFzpKe";
  writeFileSync(file, JSON.stringify({ basic_auth_users: { anna } }));
  chmodSync(file, 0o644);
  const prometheus = await startPrometheus(t, { args: [`--web.config.file=${file}`] });
  if (prometheus === undefined) return;
  const ask = async (env: Record<string, string>) => {
    const { code, stdout, stderr } = await whodunit(["edges"], {
      env: { ...env, WHODUNIT_PROMETHEUS: prometheus.url },
    });
    assert.deepEqual({ code, stdout }, { code: 3, stdout: "" });
    return stderr;
  };
  const as = (password: string) => ({
    WHODUNIT_PROMETHEUS_USER: "anna",
    WHODUNIT_PROMETHEUS_PASSWORD: password,
  });
  assert.match(await ask(as("an-open-secret")), /holds no requests of services/);
  assert.match(await ask(as("a-guess")), /answered 401: it refuses this user\n$/);
  assert.match(await ask({ WHODUNIT_PROMETHEUS_TOKEN: "a-guess" }), /answered 401: it refuses this token\n$/);
  assert.match(await ask({}), /answered 401: it wants WHODUNIT_PROMETHEUS_TOKEN, or _USER and _PASSWORD\n$/);
});

test("a command line or variable that makes no sense is refused before anything is asked, naming what is wanted", async () => {
  const store = ["--prometheus", "http://127.0.0.1:1"];
  const cases: [string[], Record<string, string>, RegExp][] = [
    [["stat"], {}, /missing required argument 'url', or --prometheus <url>/],
    [["stat", ...store, "http://web"], {}, /not both/],
    [["stat", "http://web", "--at", "03:12"], {}, /--at is for a store/],
    [["stat", "http://web", "--last", "1h"], {}, /--last is for a store/],
    [["edges", "http://web", "--match", 'a="b"'], {}, /--match is for a store/],
    [["stat", "--prometheus", "http://u:p4ss@host"], {}, /^(?!.*p4ss).*no address of a store/],
    [["stat", "--prometheus", "ftp://host"], {}, /no address of a store/],
    [["stat", ...store, "--at", "yesterday"], {}, /It is not a time such as/],
    [["stat", ...store, "--at", "25:99"], {}, /It is not a time such as/],
    [["stat", ...store, "--at", "2999-01-01T00:00:00Z"], {}, /It is still to come/],
    [["stat", ...store, "--last", "1s"], {}, /It is not between 10s and 7d/],
    [["stat", ...store, "--match", "shop"], {}, /is no list of matchers/],
    [["stat", ...store, "--match", 'a="b"} or vector(1) or {a="b"'], {}, /is no list of matchers/],
    [["stat", ...store, "--match", ""], {}, /is no list of matchers/],
    [["investigate", ...store, "--profile"], {}, /--profile is taken from a process/],
    [["stat", ...store], { WHODUNIT_PROMETHEUS_USER: "anna" }, /WHODUNIT_PROMETHEUS_PASSWORD is not set/],
    [["stat", ...store], { WHODUNIT_PROMETHEUS_TOKEN: "a b" }, /WHODUNIT_PROMETHEUS_TOKEN holds a character/],
    [["stat", ...store], { WHODUNIT_PROMETHEUS_HEADERS: "tenant" }, /WHODUNIT_PROMETHEUS_HEADERS is no list/],
    [
      ["stat", ...store],
      { WHODUNIT_PROMETHEUS_INSECURE: "1" },
      /WHODUNIT_PROMETHEUS_INSECURE is "1", want true or false/,
    ],
    [["stat", ...store], { WHODUNIT_PROMETHEUS_CA: "/nowhere.pem" }, /WHODUNIT_PROMETHEUS_CA names no file/],
    [["stat", ...store], { WHODUNIT_PROMETHEUS_CERT: "/dev/null" }, /WHODUNIT_PROMETHEUS_KEY is not set/],
    [["stat", ...store], { WHODUNIT_PROMETHEUS_TIMEOUT: "soon" }, /WHODUNIT_PROMETHEUS_TIMEOUT is "soon"/],
  ];
  for (const [args, env, said] of cases) {
    const { code, stderr } = await whodunit(args, { env });
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, said, args.join(" "));
  }
});

test("real Prometheus over its own limits: one clear line, exit code 3", async (t) => {
  const lines = Array.from(
    { length: 40 },
    (_, i) =>
      `whodunit_requests_total{service_name="s${i}",side="server",peer="a",route="b",class="2xx",outcome="success"} 1 ${Math.floor(Date.now() / 1_000) - 60}\n`,
  );
  const prometheus = await startPrometheus(t, {
    history: [lines.join("")],
    args: ["--query.max-samples=20"],
  });
  if (prometheus === undefined) return;
  const { code, stdout, stderr } = await whodunit(["investigate", "--prometheus", prometheus.url]);
  assert.deepEqual({ code, stdout }, { code: 3, stdout: "" });
  assert.match(
    stderr,
    /refuses a query over its limits \(query processing would load too many samples.*--match or --last\n$/,
  );
});
