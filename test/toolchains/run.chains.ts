import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PACKAGES } from "../../scripts/packages.ts";
import { INSTALLED, newFolder, run, writeJson } from "./folder.ts";
import { assertService, startBackend } from "./service.ts";

const TYPESCRIPT = { target: "es2022", strict: true, types: ["node"] };
const RESOLUTION = {
  module: { module: "nodenext", moduleResolution: "nodenext" },
  commonjs: { module: "commonjs", moduleResolution: "node" },
};

for (const type of ["module", "commonjs"] as const) {
  for (const [name, args] of [
    ["tsx", ["--import", "tsx"]],
    ["ts-node", type === "module" ? ["--loader", "ts-node/esm"] : ["--require", "ts-node/register"]],
  ] as const) {
    test(`${name} runs a service as ${type}`, async () => {
      const folder = newFolder(`${name} ${type}`, type, ["service.ts"]);
      writeJson(folder, "tsconfig.json", { compilerOptions: { ...TYPESCRIPT, ...RESOLUTION[type] } });
      await assertService({ args: [...args, "service.ts"], cwd: folder });
    });
  }

  test(`swc compiles a service to ${type}`, async () => {
    const folder = newFolder(`swc ${type}`, type, ["service.ts"]);
    writeJson(folder, ".swcrc", {
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
      module: { type: type === "module" ? "nodenext" : "commonjs" },
    });
    run(folder, "swc", "service.ts", "-o", "service.js");
    await assertService({ args: ["service.js"], cwd: folder });
  });
}

for (const version of ["22", "24", "26"]) {
  const command = join(INSTALLED, `node_modules/node${version}/bin/node`);
  test(`Node ${version} runs a service from its TypeScript`, async () => {
    const folder = newFolder(`Node ${version}`, "module", ["service.ts"]);
    await assertService({ command, args: ["service.ts"], cwd: folder });
  });
}

for (const [name, fixture] of [
  ["node:cluster", "clustered.mjs"],
  ["a worker thread", "threaded.mjs"],
] as const) {
  test(`${name} runs a service`, async () => {
    const folder = newFolder(name, "module", ["service.ts", fixture]);
    await assertService({ args: [fixture], cwd: folder });
  });
}

test("a function that is called and frozen in between has told everything before it answers", async (t) => {
  const { url, bodies, close } = await startBackend();
  t.after(close);
  const folder = newFolder("function", "module", ["handler.mjs"]);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  t.after(() => delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const { handler, tracing } = await import(join(folder, "handler.mjs"));
  for (const orderId of ["7", "8"]) {
    const before = bodies.length;
    assert.deepEqual(await handler({ orderId }), { statusCode: 500 });
    const sent = Buffer.concat(bodies.slice(before)).toString("latin1");
    assert.match(sent, /read-order/);
    assert.doesNotMatch(sent, /hunter22/);
  }
  await tracing.close();
});

test("pnpm installs the packages where each sees its own dependencies only, and a service runs", async () => {
  const folder = newFolder("pnpm", "module", ["service.ts"]);
  const files = Object.fromEntries(
    PACKAGES.filter(({ manifest }) => manifest.name !== "whodunit").map(({ manifest: { name, version } }) => {
      const tarball = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
      return [name, `file:${join(INSTALLED, "packed", tarball)}`];
    }),
  );
  const { "@whodunit/core": _, "@whodunit/redaction": __, ...used } = files;
  writeJson(folder, "package.json", {
    ...{ name: "row", private: true, type: "module" },
    dependencies: { ...used, fastify: "5.12.8" },
    pnpm: { overrides: files },
  });
  const overrides = Object.entries(files).map(([name, file]) => `  "${name}": "${file}"`);
  writeFileSync(join(folder, "pnpm-workspace.yaml"), `overrides:\n${overrides.join("\n")}\n`);
  const args = [join(INSTALLED, "node_modules/pnpm/bin/pnpm.mjs"), "install", "--ignore-scripts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  await assertService({ args: ["service.ts"], cwd: folder });
});
