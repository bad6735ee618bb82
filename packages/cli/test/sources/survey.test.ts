import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { block } from "../../../../test/helpers/block.ts";
import { peerKey, peerUrl, urlKey } from "../../src/sources/live/address.ts";
import { type SurveyOptions, survey } from "../../src/sources/live/survey.ts";
import { fakeService, series, serve } from "../helpers/fake-service.ts";

test("survey() asks every address of a host, and says which gave nothing", async (t) => {
  const voting = await fakeService(t, "voting", [series("server", "web", "GET /")]);
  const port = new URL(voting.url).port;
  // 127.0.0.2 is this machine too, on Linux, and nobody listens there.
  const resolve = async () => ["127.0.0.1", "127.0.0.2"];
  const { services, unreached, names } = await survey([`http://voting.internal:${port}`], {}, resolve);
  assert.deepEqual(
    services.map(({ name, instances }) => [name, instances.map(({ address }) => address)]),
    [["voting", [`http://voting.internal:${port} at 127.0.0.1`]]],
  );
  assert.deepEqual(
    unreached.map(({ address, error, given }) => [address, error, given]),
    [[`http://voting.internal:${port} at 127.0.0.2`, "refuses connections", true]],
  );
  assert.equal(voting.seen[0]?.headers.host, `voting.internal:${port}`);
  assert.equal(names.get(`voting.internal:${port}`), "voting");
});

test("survey() asks services behind one gateway by their paths", async (t) => {
  const document = (service: string) =>
    JSON.stringify({ service, instance: service, startedAt: "", series: [] });
  const { url } = await serve(t, (req, res) => res.end(document(req.url!.split("/")[1]!)));
  const { services } = await survey([`${url}/web`, `${url}/voting/`, `${url}/web/`]);
  assert.deepEqual(
    services.map(({ name }) => name),
    ["web", "voting"],
  );
});

test("survey() follows no redirect, so that a token goes nowhere else", async (t) => {
  const thief = await fakeService(t, "thief");
  const { url } = await serve(t, (_req, res) =>
    res.writeHead(307, { location: `${thief.url}/debug/traffic` }).end(),
  );
  const { services, unreached } = await survey([url], { token: "a-secret-of-sixteen" });
  assert.deepEqual(
    [services.length, unreached[0]?.error, thief.seen.length],
    [0, "answered 307, not JSON", 0],
  );
});

test("survey() gives up on a service that does not answer", async (t) => {
  const { url } = await serve(t, () => {});
  const { unreached } = await survey([url], { timeoutMs: 50 });
  assert.equal(unreached[0]?.error, "timed out");
});

test("survey() waits longer for a service that accepts the connection and answers late: its loop may stand still", async (t) => {
  const document = { service: "voting", instance: "v", startedAt: "", series: [] };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const late = await serve(t, (_request, response) => {
    // Longer than it may take until the connection stands.
    t.mock.timers.tick(2_500);
    response.end(JSON.stringify(document));
  });
  const { services, unreached } = await survey([late.url]);
  assert.deepEqual([services.map(({ name }) => name), unreached], [["voting"], []]);
});

test("survey() does not give up on a service whose connection stood in time while its own process had other things to do", async (t) => {
  const { url } = await fakeService(t, "web", []);
  const asked = survey([url], { timeoutMs: 1_000 });
  // By now it connects; then this process looks at nothing for longer than it would wait.
  await setImmediate();
  await setImmediate();
  block(1_200);
  const { services } = await asked;
  assert.deepEqual(
    services.map(({ name }) => name),
    ["web"],
  );
});

test("urlKey() and peerKey() agree on an address however it is written", () => {
  const same = [
    ["http://localhost:3000/", "127.0.0.1:3000"],
    ["http://[::1]:3000/", "localhost:3000"],
    ["https://API.example.com/", "api.example.com:443"],
    ["http://web/", "web:80"],
    ["http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"],
    ["http://[::ffff:127.0.0.1]:3000/", "localhost.:3000"],
    ["http://2130706433:3000/", "0x7f.1:3000"],
    ["http://[2001:DB8:0::1]:80/", "[2001:db8::1]:80"],
    ["http://bücher.example/", "xn--bcher-kva.example.:80"],
  ] as const;
  for (const [url, peer] of same) assert.equal(urlKey(new URL(url)), peerKey(peer), url);
  for (const name of ["orders-db", "redis", "a b:80", "queue:", "x:123456"])
    assert.equal(peerKey(name), null, name);
});

test("peerUrl() leads nowhere but to the host that a peer shows", () => {
  const strange = [
    "x.svc@evil.com:80",
    "evil.com#.svc:80",
    "evil.com/.svc:80",
    "evil.com?.svc:80",
    "a\\b.svc:80",
    "%6c:80",
  ];
  for (const peer of strange) assert.equal(peerUrl(peer), null, peer);
  assert.equal(peerUrl("web.internal:443")?.href, "https://web.internal/");
  assert.equal(peerUrl("[fd00::1]:3000")?.href, "http://[fd00::1]:3000/");
});

test("survey() G3: hosts of others are not asked unasked, however much they look like ours", async (t) => {
  const others = [
    "x.svc.evil.com:80",
    "10.0.evil.com:80",
    "voting.prod.svc.evil.com.:80",
    "8.8.8.8:80",
    "evil．com:80",
  ];
  const own = ["voting.prod.svc:80", "db.internal:5432", "10.0.0.7:80"];
  const peers = [...others, ...own, "x.svc@evil.com:80", "evil.com#.svc:80"];
  const web = await fakeService(
    t,
    "web",
    peers.map((peer) => series("client", peer, "GET")),
  );
  const resolved: string[] = [];
  await survey([web.url], {}, async (hostname) => {
    resolved.push(hostname);
    return hostname === "127.0.0.1" ? ["127.0.0.1"] : [];
  });
  assert.deepEqual(resolved, ["127.0.0.1", "voting.prod.svc", "db.internal", "10.0.0.7"]);
});

test("survey() A14: a found service that wants a token is told apart from a given one", async (t) => {
  const token = "a-secret-of-sixteen";
  const voting = await fakeService(t, "voting", [], { token: "another-of-sixteen" });
  const web = await fakeService(t, "web", [series("client", voting.host, "GET")], { token });
  const hint = async (urls: string[], options: SurveyOptions) =>
    (await survey(urls, options)).unreached.map(({ error }) => error.replace(/^.*\((.*)\)$/, "$1"));
  assert.deepEqual(await hint([web.url], { token }), [
    `found, not given: only --follow ${voting.host} lets it have the token`,
  ]);
  assert.deepEqual(await hint([web.url], { token, follow: [voting.host] }), [
    "the service refuses this token",
  ]);
  assert.deepEqual(await hint([voting.url], { token }), ["the service refuses this token"]);
  assert.deepEqual(await hint([voting.url], {}), ["the service wants a token: --token or WHODUNIT_TOKEN"]);
});
