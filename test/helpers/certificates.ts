import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { findProgram, serverFolder } from "./real-server.ts";

/** A certificate and its key, in files that every user may read. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that signs certificates which are good for a day. */
export interface Authority {
  readonly cert: string;
  /** Signs one for 127.0.0.1. */
  sign(name: string): Certificate;
}

/** Makes authorities of these names; undefined after skipping the test where openssl is not installed. */
export function authorities<Name extends string>(
  t: TestContext,
  ...names: readonly Name[]
): Readonly<Record<Name, Authority>> | undefined {
  const openssl = findProgram(t, "openssl", "openssl");
  if (openssl === undefined) return undefined;
  const folder = serverFolder(t);
  const make = (name: string, ...more: readonly string[]): Certificate => {
    const made = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    const args = [...kind, "-subj", `/CN=${name}`, "-out", made.cert, "-keyout", made.key, ...more];
    execFileSync(openssl, ["req", "-x509", ...args], { stdio: "ignore" });
    for (const file of Object.values(made)) chmodSync(file, 0o644);
    return made;
  };
  const authority = (name: string): Authority => {
    const { cert, key } = make(name);
    const signed = ["-CA", cert, "-CAkey", key, "-addext", "subjectAltName=IP:127.0.0.1"];
    return {
      cert,
      sign: (subject) => make(subject, ...signed, "-addext", "basicConstraints=critical,CA:false"),
    };
  };
  return Object.fromEntries(names.map((name) => [name, authority(name)])) as Record<Name, Authority>;
}
