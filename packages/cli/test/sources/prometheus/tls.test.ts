import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { authorities } from "../../../../../test/helpers/certificates.ts";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { serverFolder } from "../../../../../test/helpers/real-server.ts";
import { whodunit } from "../../helpers/command.ts";
import { serve } from "../../helpers/fake-service.ts";
import { fleetLines } from "../../simulator/fleet.ts";

const UNTRUSTED =
  /^whodunit: https:\/\/127\.0\.0\.1:\d+ has a certificate of an authority that nobody here trusts \(\w+\): WHODUNIT_PROMETHEUS_CA /;
const AT_S = Math.floor(Date.now() / 1_000) - 600;

test("a store over TLS is asked where its certificate is trusted and it trusts the client's, else one clear line says why not", async (t) => {
  const signers = authorities(t, "ours", "theirs");
  if (signers === undefined) return;
  const { ours, theirs } = signers;
  const [server, client, stranger] = [ours.sign("server"), ours.sign("client"), theirs.sign("stranger")];
  const file = join(serverFolder(t), "web.yml");
  const { cert: cert_file, key: key_file } = server;
  const tls = {
    cert_file,
    key_file,
    client_ca_file: ours.cert,
    client_auth_type: "RequireAndVerifyClientCert",
  };
  writeFileSync(file, JSON.stringify({ tls_server_config: tls }));
  chmodSync(file, 0o644);
  const fleet = { services: 2, instances: 1, culprit: 1, atS: AT_S };
  const prometheus = await startPrometheus(t, {
    history: [[...fleetLines(fleet, 0, 2)].join("")],
    args: [`--web.config.file=${file}`],
  });
  if (prometheus === undefined) return;
  const url = prometheus.url.replace("http:", "https:");
  const ask = async (env: Readonly<Record<string, string>>, at = url) => {
    const args = ["stat", "--prometheus", at, "--at", new Date(AT_S * 1_000).toISOString()];
    const prefixed = Object.entries(env).map(([name, value]) => [`WHODUNIT_PROMETHEUS_${name}`, value]);
    return whodunit(args, { env: Object.fromEntries(prefixed) });
  };
  const pair = { CERT: client.cert, KEY: client.key };
  for (const env of [{ CA: ours.cert }, { INSECURE: "true" }]) {
    const { code, stdout, stderr } = await ask({ ...env, ...pair });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^service-0 +GET \/a +100\.00%/m);
  }
  const refused: [string, Record<string, string>, RegExp][] = [
    ["nobody is trusted", pair, UNTRUSTED],
    ["another is trusted", { ...pair, CA: theirs.cert }, UNTRUSTED],
    [
      "nothing is shown",
      { CA: ours.cert },
      / wants a certificate \(\w.+\): WHODUNIT_PROMETHEUS_CERT and _KEY/,
    ],
    [
      "a stranger's is shown",
      { CA: ours.cert, CERT: stranger.cert, KEY: stranger.key },
      / does not trust the certificate of WHODUNIT_PROMETHEUS_CERT \(\w.+\)$/,
    ],
  ];
  for (const [why, env, said] of refused) {
    const { code, stdout, stderr } = await ask(env);
    assert.deepEqual({ code, stdout }, { code: 3, stdout: "" }, `${why}: ${stderr}`);
    assert.match(stderr.trimEnd(), said, why);
  }
  const plain = await ask({ CA: ours.cert, ...pair }, prometheus.url);
  assert.equal(plain.code, 3);
  assert.match(plain.stderr, /speaks TLS alone: want https:\/\/ in its address\n$/);
  const wrong: [Record<string, string>, RegExp][] = [
    [{ CERT: client.cert, KEY: stranger.key }, /WHODUNIT_PROMETHEUS_CERT and _KEY name no certificate/],
    [{ CERT: file, KEY: file }, /WHODUNIT_PROMETHEUS_CERT and _KEY name no certificate/],
    [{ CA: file }, /WHODUNIT_PROMETHEUS_CA names a file without a certificate/],
  ];
  for (const [env, said] of wrong) {
    const { code, stderr } = await ask(env);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});

test("an address with https:// of a store that speaks no TLS: one clear line, exit code 3", async (t) => {
  const { host } = await serve(t, (_request, response) => void response.end());
  const { code, stderr } = await whodunit(["stat", "--prometheus", `https://${host}`]);
  assert.equal(code, 3);
  assert.equal(stderr, `whodunit: https://${host} speaks no TLS: want http:// in its address\n`);
});
