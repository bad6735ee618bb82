import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { ROOT } from "../scripts/packages.ts";

/**
 * The arrows between packages and the ban on import cycles are lint rules. This shows that the rules bite: each
 * forbidden import is written into an empty copy of the tree and must be refused.
 */
const FORBIDDEN = [
  ["core", "index.ts", "@whodunit/redaction"],
  ["core", "index.ts", "@opentelemetry/api"],
  ["redaction", "index.ts", "@whodunit/core"],
  ["logger", "index.ts", "@whodunit/health"],
  ["logger", "express.ts", "@whodunit/tracing"],
  ["logger", "logger.ts", "./fastify.ts"],
  ["logger", "line/line-writer.ts", "../sink/sink.ts"],
  ["logger", "line/line-writer.ts", "../gates/throttle.ts"],
  ["logger", "line/line-writer.ts", "../context.ts"],
  ["logger", "line/line-writer.ts", "pino"],
  ["logger", "line/line-writer.ts", "@whodunit/tracing"],
  ["logger", "gates/levels.ts", "../pino/apm.ts"],
  ["logger", "gates/levels.ts", "../express.ts"],
  ["logger", "sink/fd-sink.ts", "../gates/scope.ts"],
  ["logger", "sink/fd-sink.ts", "@whodunit/health"],
  ["health", "index.ts", "@whodunit/logger"],
  ["health", "health.ts", "./express.ts"],
  ["health", "probes/http.ts", "../node.ts"],
  ["tracing", "index.ts", "@whodunit/logger/fastify"],
  ["tracing", "span.ts", "./fastify.ts"],
  // An inner rule takes the place of the package's: each of these shows that the outer patterns are repeated in it.
  ["tracing", "provider/provider.ts", "../http/server-span.ts"],
  ["tracing", "provider/provider.ts", "../start/start.ts"],
  ["tracing", "provider/provider.ts", "@whodunit/logger"],
  ["tracing", "provider/provider.ts", "../fastify.ts"],
  ["cli", "main.ts", "@whodunit/core"],
  ["cli", "main.ts", "@opentelemetry/api"],
] as const;

test("lint refuses every import against the arrows", async (t) => {
  const tree = emptyTree(t);
  for (const [name, file, specifier] of FORBIDDEN) {
    write(
      tree,
      `packages/${name}/src/${file}`,
      `import { x } from "${specifier}";\nexport const y: unknown = x;\n`,
    );
    const { output, status } = lint(tree);
    assert.match(output, /noRestrictedImports/, `${name}/${file} imports ${specifier}`);
    assert.equal(status, 1);
    rmSync(join(tree, `packages/${name}/src/${file}`));
  }
});

test("lint refuses an import against an inner and one against an outer arrow in the same file", (t) => {
  const tree = emptyTree(t);
  for (const [file, inner, outer] of [
    ["logger/src/line/line-writer.ts", "../sink/sink.ts", "@whodunit/health"],
    ["logger/src/gates/levels.ts", "../sink/sink.ts", "../fastify.ts"],
    ["logger/src/sink/fd-sink.ts", "../pino/apm.ts", "whodunit"],
  ]) {
    const imports = [inner, outer].map((specifier, n) => `import { x as x${n} } from "${specifier}";\n`);
    write(tree, `packages/${file}`, `${imports.join("")}export const y: unknown = [x0, x1];\n`);
    const { output } = lint(tree);
    for (const specifier of [inner, outer]) {
      assert.ok(output.includes(`} from "${specifier}"`), `${file} imports ${specifier}: ${output}`);
    }
    assert.equal(output.split("lint/style/noRestrictedImports").length, 3, output);
    rmSync(join(tree, `packages/${file}`));
  }
});

test("lint refuses an import cycle and accepts an arrow that is allowed", (t) => {
  const tree = emptyTree(t);
  write(
    tree,
    "packages/logger/src/a.ts",
    `import { x } from "@whodunit/core";\nexport const a: unknown = x;\n`,
  );
  assert.equal(lint(tree).status, 0);
  write(tree, "packages/core/src/a.ts", `import { b } from "./b.ts";\nexport const a = (): number => b();\n`);
  write(tree, "packages/core/src/b.ts", `import { a } from "./a.ts";\nexport const b = (): number => a();\n`);
  const { output, status } = lint(tree);
  assert.match(output, /noImportCycles/);
  assert.equal(status, 1);
});

function emptyTree(t: TestContext): string {
  const tree = mkdtempSync(join(tmpdir(), "whodunit-arrows-"));
  t.after(() => rmSync(tree, { recursive: true, force: true }));
  cpSync(`${ROOT}biome.json`, join(tree, "biome.json"));
  write(tree, ".gitignore", "node_modules/\n");
  symlinkSync(`${ROOT}node_modules`, join(tree, "node_modules"));
  return tree;
}

function write(tree: string, path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function lint(tree: string): { output: string; status: number | null } {
  const done = spawnSync(`${ROOT}node_modules/.bin/biome`, ["lint", "--vcs-enabled=false", "packages"], {
    cwd: tree,
    encoding: "utf8",
  });
  return { output: done.stdout + done.stderr, status: done.status };
}
