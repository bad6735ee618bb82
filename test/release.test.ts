import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PACKAGES, ROOT } from "../scripts/packages.ts";
import { repositoryOf } from "../scripts/stage.ts";

test("the changesets that wait make one version of all packages, and a changelog of each", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-release-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const parts = [
    "package.json",
    "package-lock.json",
    ".changeset/*",
    "{packages,examples}/*/package.json",
    "test/others/package.json",
  ];
  for (const file of globSync([...parts, "benchmarks/package.json"], { cwd: ROOT }))
    cpSync(join(ROOT, file), join(folder, file));
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  // Which commit brought a changeset is told in the changelog.
  run("git", "init", "--quiet", "--initial-branch=main");
  run("git", "add", "--all");
  const author = ["-c", "user.name=release", "-c", "user.email=release@example.org"];
  run("git", ...author, "commit", "--quiet", "--message=all");
  run(process.execPath, join(ROOT, "node_modules/@changesets/cli/bin.js"), "version");

  const waiting = globSync(".changeset/*.md", { cwd: ROOT }).filter((file) => !file.endsWith("README.md"));
  const versions = new Set<string>();
  for (const { folder: own, manifest } of PACKAGES) {
    const to = join(folder, own.slice(ROOT.length));
    const { version, dependencies = {} } = JSON.parse(readFileSync(join(to, "package.json"), "utf8"));
    versions.add(version);
    for (const name of Object.keys(dependencies))
      if (PACKAGES.some((one) => one.manifest.name === name)) assert.equal(dependencies[name], version, name);
    const isNamed = waiting.some((file) =>
      readFileSync(join(ROOT, file), "utf8").includes(`"${manifest.name}":`),
    );
    if (isNamed)
      assert.match(readFileSync(join(to, "CHANGELOG.md"), "utf8"), new RegExp(`^## ${version}$`, "m"));
  }
  assert.equal(versions.size, 1, [...versions].join());
});

test("what a workflow publishes names the repository that it runs in, which npm holds the provenance against", () => {
  assert.deepEqual(repositoryOf(`${ROOT}packages/cli`, "acme/whodunit"), {
    repository: {
      type: "git",
      url: "git+https://github.com/acme/whodunit.git",
      directory: "packages/cli",
    },
  });
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  // It stands in what was staged before: what is published is not made of the package.json beside the sources.
  assert.equal(scripts.release, "changeset publish");
});
