import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A key and a certificate for 127.0.0.1 that vouches for itself, and the files they are in. */
export interface SelfSigned {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly keyFile: string;
  readonly certFile: string;
}

/** Makes one that is good for a day; undefined where openssl is not installed. */
export async function selfSigned(t: TestContext): Promise<SelfSigned | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "whodunit-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const make =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1";
  const names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", certFile];
  const { error } = spawnSync("openssl", [...make.split(" "), ...names], { stdio: "ignore" });
  if (error !== undefined) return undefined;
  return { key: await readFile(keyFile), cert: await readFile(certFile), keyFile, certFile };
}
