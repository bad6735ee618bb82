import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  findProgram,
  freePort,
  type RealServer,
  startServer,
} from "../../../../../test/helpers/real-server.ts";
import { type CheckResult, httpProbe, tlsProbe } from "../../../src/index.ts";
import { resolveProbe } from "../../../src/watch/probe.ts";
import { proveDependency } from "../../helpers/dependency.ts";

const PROGRAM = fileURLToPath(new URL("../../helpers/web-server.ts", import.meta.url));
const signal = new AbortController().signal;

async function start(t: Parameters<typeof startServer>[0], ...certificate: string[]): Promise<RealServer> {
  const port = await freePort();
  return startServer(t, tmpdir(), port, {
    command: process.execPath,
    args: [PROGRAM, `${port}`, ...certificate],
    asTester: true,
  });
}

proveDependency({
  name: "httpProbe() with the global fetch",
  login: false,
  start,
  open: (port) => ({ probe: httpProbe({ name: "http", url: `http://127.0.0.1:${port}/` }), close() {} }),
});

/** A certificate for localhost and its address, good for so many days from now. */
function certificate(
  t: Parameters<typeof startServer>[0],
  days: number,
  altNames = "DNS:localhost,IP:127.0.0.1",
): { key: string; cert: string; ca: string } | undefined {
  const openssl = findProgram(t, "openssl", "openssl");
  if (openssl === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "whodunit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", `subjectAltName=${altNames}`];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync(openssl, [...args, "-keyout", key, "-out", cert, "-days", `${days}`, ...names], {
    stdio: "ignore",
  });
  return { key, cert, ca: readFileSync(cert, "utf8") };
}

let authority = "";

proveDependency({
  name: "tlsProbe() with a server of node:https",
  login: false,
  connectsEachRun: true,
  async start(t) {
    const made = certificate(t, 90);
    authority = made?.ca ?? "";
    return made && start(t, made.key, made.cert);
  },
  open: (port) => ({
    probe: tlsProbe({ name: "tls", host: "127.0.0.1", port, servername: "localhost", ca: authority }),
    close() {},
  }),
});

test("tlsProbe() counts the days a certificate has left", async (t) => {
  for (const [days, status] of [
    [90, "OK"],
    [10, "DEGRADED"],
    [2, "ERROR"],
  ] as const) {
    const made = certificate(t, days);
    if (made === undefined) return;
    const { port } = await start(t, made.key, made.cert);
    const probe = tlsProbe({ name: "tls", host: "localhost", port, ca: made.ca });
    const result = (await probe.check(signal)) as CheckResult;
    assert.equal(result.status, status);
    assert.ok(result.value === days || result.value === days - 1, `${result.value}`);
    assert.equal(result.unit, "days");
  }
});

test("tlsProbe() holds a certificate against an address without asking for it by name, which Node warns of", async (t) => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => void warnings.push(warning);
  process.on("warning", listener);
  t.after(() => process.off("warning", listener));
  for (const altNames of ["IP:127.0.0.1", "IP:127.0.0.2"]) {
    const made = certificate(t, 90, altNames);
    if (made === undefined) return;
    const { port } = await start(t, made.key, made.cert);
    const run = async (): Promise<unknown> =>
      tlsProbe({ name: "tls", host: "127.0.0.1", port, ca: made.ca }).check(signal);
    if (altNames === "IP:127.0.0.1") assert.equal(((await run()) as CheckResult).status, "OK");
    else await assert.rejects(run(), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  }
  assert.deepEqual(warnings, []);
});

test("tlsProbe() fails on a certificate that nobody vouches for, or for another name, and on no TLS at all", async (t) => {
  const made = certificate(t, 90);
  if (made === undefined) return;
  const { port } = await start(t, made.key, made.cert);
  const check = async (options: object): Promise<unknown> =>
    tlsProbe({ name: "tls", host: "localhost", port, ...options }).check(signal);
  await assert.rejects(check({}), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  await assert.rejects(check({ ca: made.ca, servername: "other.test" }), {
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
  const plain = await start(t);
  await assert.rejects(check({ port: plain.port }));
});

test("tlsProbe() looks once an hour, and throws on wrong options", () => {
  assert.equal(tlsProbe({ name: "tls", host: "a" }).intervalMs, 3_600_000);
  const quick = resolveProbe(tlsProbe({ name: "tls", host: "a", intervalMs: 5_000 }));
  assert.deepEqual([quick.intervalMs, quick.timeoutMs], [5_000, 2_000]);
  assert.throws(
    () => tlsProbe({ name: "tls", host: "a", errorDays: 30 }),
    /"errorDays" is 30, want .* from 0 to 21/,
  );
  assert.throws(() => tlsProbe({ name: "tls", host: "" }), /"host" is "", want a host name/);
});
