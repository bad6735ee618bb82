import assert from "node:assert/strict";
import { test } from "node:test";
import { fitsPattern, isInside, peerKey, urlKey } from "../../src/sources/live/address.ts";
import { survey } from "../../src/sources/live/survey.ts";
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

test("isInside() takes addresses of the house for inside and no others", () => {
  const inside = [
    "localhost",
    "127.0.0.1",
    "127.8.8.8",
    "[::1]",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.9.9",
    "192.168.1.1",
  ];
  inside.push(
    "voting",
    "voting.svc",
    "voting.prod.svc.cluster.local",
    "db.local",
    "web.internal",
    "[fd00::1]",
    "[fe80::1]",
  );
  for (const host of inside) assert.equal(isInside(host), true, host);
  const outside = [
    "api.stripe.com",
    "172.32.0.1",
    "8.8.8.8",
    "[2001:db8::1]",
    "local.example.com",
    "internal.evil.org",
  ];
  for (const host of outside) assert.equal(isInside(host), false, host);
});

test("urlKey() and peerKey() agree on an address however it is written", () => {
  const same = [
    ["http://localhost:3000/", "127.0.0.1:3000"],
    ["http://[::1]:3000/", "localhost:3000"],
    ["https://API.example.com/", "api.example.com:443"],
    ["http://web/", "web:80"],
    ["http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"],
  ] as const;
  for (const [url, peer] of same) assert.equal(urlKey(new URL(url)), peerKey(peer), url);
  for (const name of ["orders-db", "redis", "a b:80", "queue:", "x:123456"])
    assert.equal(peerKey(name), null, name);
});

test("fitsPattern() matches hosts and ports with *, and nothing by accident", () => {
  const url = new URL("http://voting.prod.internal:3000/");
  for (const pattern of ["*.internal", "voting.*", "*:3000", "VOTING.prod.internal", "*"])
    assert.ok(fitsPattern(url, pattern), pattern);
  for (const pattern of ["internal", "voting", "*.internal:3001", "voting?prod.internal", ""])
    assert.ok(!fitsPattern(url, pattern), pattern);
});
