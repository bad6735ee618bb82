import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PACKAGES, ROOT } from "../scripts/packages.ts";

const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, "utf8")) as {
  packages: Record<string, { version?: string; resolved?: string; link?: boolean }>;
};

// What tracing is tried beside: other versions are what it is for.
const OTHERS = "test/others";

test("one copy of every OpenTelemetry package is in the tree, but for those that tracing is tried beside", () => {
  const copies = new Map<string, string[]>();
  for (const [path, { version = "" }] of Object.entries(lock.packages)) {
    if (path.startsWith(OTHERS)) continue;
    const name = /(?:^|\/)node_modules\/(@opentelemetry\/[^/]+)$/.exec(path)?.[1];
    if (name !== undefined) copies.set(name, [...(copies.get(name) ?? []), version]);
  }
  assert.ok(copies.size > 10, "the lockfile lists OpenTelemetry's packages");
  for (const [name, versions] of copies) assert.equal(versions.length, 1, `${name}: ${versions.join(", ")}`);
  assert.match(copies.get("@opentelemetry/core")?.[0] ?? "", /^3\./);
  assert.equal(copies.get("@opentelemetry/sdk-node")?.[0], "0.301.0");
});

test("the lockfile names no registry host", () => {
  for (const [path, { resolved, link }] of Object.entries(lock.packages)) {
    if (link !== true) assert.equal(resolved, undefined, path);
  }
});

test("every package depends on the workspace's own version of the others", () => {
  const versions = new Map(PACKAGES.map(({ manifest }) => [manifest.name, manifest.version]));
  for (const { manifest } of PACKAGES) {
    for (const [name, wanted] of Object.entries(manifest.dependencies ?? {})) {
      const own = versions.get(name);
      if (own !== undefined) assert.equal(wanted, own, `${manifest.name} wants ${name}`);
    }
  }
});
