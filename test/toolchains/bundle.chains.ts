import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fences, page } from "../helpers/documented-program.ts";
import { newFolder, run, writeJson } from "./folder.ts";
import { assertService } from "./service.ts";

// What a bundle as an ES module needs wherever CommonJS is bundled into it, as Fastify is.
const REQUIRE = fences(page("tool-chains.md"), "js")[0]!.trim();

test("esbuild bundles a service with all that it needs into a CommonJS file for es2020", async () => {
  const folder = newFolder("esbuild cjs", "commonjs", ["service.ts"]);
  const options = ["--bundle", "--platform=node", "--format=cjs", "--target=es2020"];
  run(folder, "esbuild", "service.ts", ...options, "--outfile=out/service.js");
  await assertService({ args: ["out/service.js"], cwd: folder });
});

test("esbuild bundles a service with all that it needs into an ES module", async () => {
  const folder = newFolder("esbuild esm", "module", ["service.ts"]);
  const options = ["--bundle", "--platform=node", "--format=esm", `--banner:js=${REQUIRE}`];
  run(folder, "esbuild", "service.ts", ...options, "--outfile=out/service.js");
  await assertService({ args: ["out/service.js"], cwd: folder });
});

for (const [format, file] of [
  ["cjs", "service.cjs"],
  ["esm", "service.js"],
] as const) {
  test(`tsup bundles a service to ${format} and leaves its dependencies outside`, async () => {
    const folder = newFolder(`tsup ${format}`, "module", ["service.ts"]);
    const dependencies = { "@whodunit/logger": "*", "@whodunit/health": "*", "@whodunit/tracing": "*" };
    writeJson(folder, "package.json", { type: "module", dependencies: { ...dependencies, fastify: "5" } });
    run(folder, "tsup", "service.ts", "--format", format, "--target", "es2020", "--out-dir", "out");
    await assertService({ args: [`out/${file}`], cwd: folder });
  });
}

for (const type of ["module", "commonjs"] as const) {
  test(`ncc bundles a service to ${type}`, async () => {
    const folder = compiled(`ncc ${type}`, type);
    run(folder, "ncc", "build", "service.js", "-o", "out", "-q");
    await assertService({ args: ["out/index.js"], cwd: folder });
  });

  test(`webpack bundles a service to ${type}`, async () => {
    const folder = compiled(`webpack ${type}`, type);
    const isModule = type === "module";
    const settings = {
      ...{ mode: "none", target: "node22", entry: "./service.js" },
      experiments: { outputModule: isModule },
      output: { path: join(folder, "out"), filename: "service.js", module: isModule },
    };
    writeFileSync(join(folder, "webpack.config.cjs"), `module.exports = ${JSON.stringify(settings)};`);
    run(folder, "webpack", "--config", "webpack.config.cjs");
    await assertService({ args: ["out/service.js"], cwd: folder });
  });
}

/** A folder with the service as JavaScript. */
function compiled(name: string, type: "module" | "commonjs"): string {
  const folder = newFolder(name, type, ["service.ts"]);
  const format = type === "module" ? "esm" : "cjs";
  run(folder, "esbuild", "service.ts", `--format=${format}`, "--outfile=service.js");
  return folder;
}
