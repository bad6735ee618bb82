import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "../../src/index.ts";
import { bearsToken } from "../../src/view/bearer.ts";
import { openPage } from "../helpers/browser.ts";
import { whodunit } from "../helpers/command.ts";
import { exportRequest, post, span } from "../helpers/otlp.ts";

const TOKEN = "a-secret-of-sixteen";
const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test("bearsToken() takes the token as senders and as browsers give it, and nothing else", () => {
  for (const good of [`Bearer ${TOKEN}`, `bearer  ${TOKEN}`, basic(`ada:${TOKEN}`), basic(`:${TOKEN}`)])
    assert.ok(bearsToken(good, TOKEN), good);
  const wrong = [
    undefined,
    "",
    TOKEN,
    "Bearer",
    "Bearer wrong",
    `Digest ${TOKEN}`,
    basic(TOKEN),
    basic(`${TOKEN}:`),
    basic(`${TOKEN}:x`),
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN} x`,
    "Basic %%%",
  ];
  for (const one of wrong) assert.ok(!bearsToken(one, TOKEN), String(one));
});

test("startReceiver() beyond loopback wants a token, and every request must bear it", async (t) => {
  await assert.rejects(startReceiver({ host: "0.0.0.0", port: 0 }), /beyond loopback "token" is wanted/);
  for (const token of [
    "short-one",
    "long enough but of words",
    "long-enough-but-for-a-file\n",
    "lang-genug-für-alle",
  ])
    await assert.rejects(startReceiver({ host: "0.0.0.0", port: 0, token }), {
      name: "TypeError",
      message:
        /^startReceiver: option "token" is "\(withheld\)", want at least 16 visible characters of ASCII/,
    });
  const { port, counts, close } = await startReceiver({ host: "0.0.0.0", port: 0, token: TOKEN });
  t.after(close);
  const url = `http://127.0.0.1:${port}`;
  for (const path of ["/", "/page/main.ts", "/api/traces", "/api/counts", "/nothing"]) {
    const refused = await fetch(url + path);
    assert.equal(refused.status, 401, path);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic realm=/);
    assert.doesNotMatch(await refused.text(), /trace/);
  }
  assert.equal((await post(url, exportRequest("web", [span(1, 0, 1)]))).status, 401);
  assert.equal((await counts()).spans, 0);
  assert.equal(
    (await post(url, exportRequest("web", [span(1, 0, 1)]), { authorization: `Bearer ${TOKEN}` })).status,
    200,
  );
  const given = await fetch(`${url}/api/counts`, { headers: { authorization: basic(`me:${TOKEN}`) } });
  assert.equal(((await given.json()) as { spans: number }).spans, 1);
  const listed = await whodunit(["traces", "--view", url], { env: { WHODUNIT_TOKEN: TOKEN } });
  assert.match(listed.stdout, /GET \//);
});

test("whodunit view --host without a token is refused with exit code 2 and says what to set", async () => {
  const { code, stderr } = await whodunit(["view", "--host", "0.0.0.0", "--port", "0"]);
  assert.deepEqual(
    [code, stderr],
    [2, "error: --host 0.0.0.0 lets others in: set WHODUNIT_TOKEN, which they are asked for\n"],
  );
});

test("the page works in a browser that was given the token", async (t) => {
  const view = await startReceiver({ port: 0, token: TOKEN });
  t.after(() => view.close());
  const opened = await openPage(t, view.url, { password: TOKEN });
  if (opened === null) return;
  await opened.page.getByText("No requests in the last minute.").waitFor();
});
