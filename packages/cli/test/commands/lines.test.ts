import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startReceiver } from "../../src/index.ts";
import { sendCalls } from "../helpers/calls.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, serve } from "../helpers/fake-service.ts";
import { logsRequest, nanosAgo, postLogs, text } from "../helpers/otlp-logs.ts";

const TRACE_ID = "5c522f9b5c522f9b5c522f9b5c522f9b";

async function view(t: TestContext) {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  await postLogs(
    receiver.url,
    logsRequest("web", [
      { timeUnixNano: nanosAgo(7_200_000), severityNumber: 9, body: { stringValue: "long ago" } },
      {
        timeUnixNano: "1763628461960000000",
        severityNumber: 17,
        body: { stringValue: "web-fail" },
        attributes: [text("AccountID", "7")],
        traceId: TRACE_ID,
      },
      { timeUnixNano: nanosAgo(5), severityNumber: 9, body: { stringValue: "no sugar \u001b[31m" } },
    ]),
  );
  return receiver;
}

test("whodunit lines prints what a view holds, the latest last, by words, fields and time", async (t) => {
  const { url } = await view(t);
  const lines = async (...args: string[]) => whodunit(["lines", "--view", url, ...args]);
  const found = await lines("level:error", "AccountID:7");
  assert.equal(
    found.stdout,
    `2025-11-20T08:47:41.960Z  error  web  web-fail  trace=${TRACE_ID}  {"AccountID":"7"}\n`,
  );
  assert.match((await lines()).stdout, /long ago\n.*web-fail.*\n.*no sugar/);
  assert.match((await lines("--since", "10m")).stdout, /^\S+ {2}info {3}web {2}no sugar {2}\[31m\n$/);
  assert.equal((await lines("--trace", TRACE_ID, "-o", "json")).stdout.match(/"name": /g)?.length, 1);
  assert.match(
    (await lines("--since", "1m", "--at", "2025-11-20T08:48:00Z")).stdout,
    /^\S+ +error +web +web-fail.*\n$/,
  );
  const [one] = JSON.parse((await lines("AccountID:7", "-o", "json")).stdout) as [{ id: string }];
  assert.match((await lines("--around", one.id)).stdout, /long ago\n.*web-fail.*\n.*no sugar/);
  const gone = await lines("--around", "9-9");
  assert.deepEqual([gone.code, gone.stdout], [3, ""]);
  const none = await lines("nothing");
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, "", "No line fits.\n"]);
  assert.equal((await lines("-n", "0")).code, 2);
});

test("whodunit traces lists what a view holds, and prints the spans of one", async (t) => {
  const receiver = await view(t);
  const [failed = ""] = await sendCalls(receiver, 1, [
    { from: "web", to: "voting", route: "POST /votes", failed: true, ms: 300 },
  ]);
  await sendCalls(receiver, 2, [{ from: "web", to: "emoji", route: "GET /emoji" }]);
  const traces = async (...args: string[]) => whodunit(["traces", "--view", receiver.url, ...args]);
  assert.equal((await traces()).stdout.trim().split("\n").length, 4);
  for (const args of [
    ["--errors"],
    ["--min", "250ms"],
    ["--service", "voting"],
    ["--route", "POST /votes", "--errors"],
    ["server.address:voting"],
    ['"POST votes"'],
  ]) {
    const { stdout } = await traces(...args, "-o", "json");
    assert.deepEqual(
      (JSON.parse(stdout) as { traceId: string }[]).map(({ traceId }) => traceId),
      [failed],
      args.join(" "),
    );
  }
  await postLogs(
    receiver.url,
    logsRequest("voting", [
      {
        severityNumber: 17,
        body: { stringValue: "voting-fail" },
        traceId: failed,
        timeUnixNano: nanosAgo(0),
      },
    ]),
  );
  assert.match(
    (await traces(failed)).stdout,
    /^web {2}GET +.*✗\n {2}voting {2}POST \/votes .*✗\n\nLines of the trace:\n {2}\S+ {2}error {2}voting {2}voting-fail\n$/,
  );
  assert.doesNotMatch((await traces(failed, "-o", "json")).stdout, /Lines/);
  assert.equal((await traces("--errors", "--service", "emoji")).stderr, "No trace fits.\n");
  assert.equal((await traces("--at", "2026-01-01T00:00:00Z")).stderr, "No trace fits.\n");
});

test("whodunit lines and traces say why a view does not answer, with exit code 3", async (t) => {
  const dead = await deadAddress();
  for (const command of ["lines", "traces"]) {
    const gone = await whodunit([command, "--view", dead]);
    assert.deepEqual([gone.code, gone.stderr], [3, `whodunit: ${dead} refuses connections\n`]);
    const { url } = await serve(t, (_req, res) => res.writeHead(401).end('{"message":"a token is wanted"}'));
    const refused = await whodunit([command, "--view", url]);
    assert.equal(
      refused.stderr,
      `whodunit: ${url} answered 401: a token is wanted (it wants a token: --token or WHODUNIT_TOKEN)\n`,
    );
    const odd = await serve(t, (_req, res) => res.end('{"lines":[5,null,{}],"traces":[5,null,{}]}'));
    assert.equal((await whodunit([command, "--view", odd.url])).code, 0);
  }
});
