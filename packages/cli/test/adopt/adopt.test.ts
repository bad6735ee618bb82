import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRandom, SEED } from "../../../../test/helpers/random.ts";
import { isFull } from "../../../../test/helpers/scale.ts";
import { readSyntax } from "../../src/adopt/syntax.ts";
import { writeChanges } from "../../src/adopt/write.ts";
import { whodunit } from "../helpers/command.ts";
import { type Files, filesOf, manifest, projectFolder } from "./project-folder.ts";

const FASTIFY = manifest({ fastify: "^5.2.0" }, { type: "module" });
const EXPRESS = manifest({ express: "^4.19.2" });
const ESM_APP = 'import Fastify from "fastify";\n\nconst app = Fastify();\n';

/** What becomes of one file. */
async function fitted(t: TestContext, files: Files, path: string): Promise<string> {
  const folder = projectFolder(t, files);
  const { code, stderr } = await whodunit(["adopt", folder, "--write"]);
  assert.equal(code, 0, stderr);
  return readFileSync(join(folder, path), "utf8");
}

/** The lines that were added, and the removed ones. */
function changed(before: string, after: string): { added: string[]; removed: string[] } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return {
    added: now.filter((line) => !old.includes(line)),
    removed: old.filter((line) => !now.includes(line)),
  };
}

test("adopt shows a diff that git apply takes, and --write makes just what it shows", async (t) => {
  const files = {
    "package.json": manifest({ fastify: "^5.2.0", pg: "^8.13.0" }, { type: "module" }),
    "src/server.js":
      'import Fastify from "fastify";\nimport { pool } from "./db.js";\n\nconst app = Fastify({ logger: true });\napp.get("/", () => pool.query("SELECT 1"));\nawait app.listen({ port: 3000 });\n',
    "src/db.js": 'import pg from "pg";\n\nexport const pool = new pg.Pool();\n',
  };
  const [shown, written] = [projectFolder(t, files), projectFolder(t, files)];
  const { code, stdout, stderr } = await whodunit(["adopt", shown]);
  assert.equal(code, 0);
  assert.deepEqual(filesOf(shown), files, "nothing is changed");
  assert.match(
    stderr,
    /ok {2}Fastify in src\/server\.js:4\n {2}ok {2}postgres in src\/db\.js.*\nNothing is changed\. --write does it\.\n$/,
  );
  assert.equal((await whodunit(["adopt", written, "--write"])).code, 0);
  execFileSync("git", ["apply"], { cwd: shown, input: stdout, env: { ...process.env, GIT_DIR: "/nowhere" } });
  assert.deepEqual(filesOf(shown), filesOf(written));
  assert.equal(
    filesOf(written)["src/server.js"],
    `import Fastify from "fastify";
import { pool } from "./db.js";
import { healthPlugin } from "@whodunit/health/fastify";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { health, logger } from "./whodunit.js";

const app = Fastify(fastifyOptions({ logger }));
app.register(tracingPlugin);
app.register(loggerPlugin, { logger });
app.register(healthPlugin, { health });
app.get("/", () => pool.query("SELECT 1"));
await app.listen({ port: 3000 });
`,
  );
  assert.equal(
    filesOf(written)["src/whodunit.js"],
    `import { createHealth, postgresProbe, trafficProbe } from "@whodunit/health";
import { createLogger } from "@whodunit/logger";
import { startTracing, traceClient } from "@whodunit/tracing";
import { pool } from "./db.js";

const service = "shop";
const { traffic } = startTracing({ service });
traceClient(pool);

export const logger = createLogger({ service });
export const health = createHealth({
  service,
  probes: [
    trafficProbe(traffic),
    postgresProbe({ name: "postgres", client: pool, critical: true }),
  ],
});
`,
  );
  const { dependencies, devDependencies } = JSON.parse(filesOf(written)["package.json"]!);
  assert.deepEqual(Object.keys(dependencies), [
    "@whodunit/health",
    "@whodunit/logger",
    "@whodunit/tracing",
    "fastify",
    "pg",
  ]);
  assert.deepEqual(Object.keys(devDependencies), ["whodunit"]);
});

const FASTIFY_FORMS: readonly [form: string, program: string, made: RegExp][] = [
  ["no options", ESM_APP, /^const app = Fastify\(fastifyOptions\(\{ logger \}\)\);$/m],
  [
    "a require that is called at once",
    'const app = require("fastify")({ logger: true })\n',
    /^const app = require\("fastify"\)\(fastifyOptions\(\{ logger \}\)\)$/m,
  ],
  [
    "a named export",
    'import { fastify } from "fastify";\nexport const app = fastify({});\n',
    /^export const app = fastify\(fastifyOptions\(\{ logger \}\)\);$/m,
  ],
  [
    "options beside a logger",
    'import Fastify from "fastify";\nconst app = Fastify({ logger: true, trustProxy: true });\n',
    /Fastify\(\{ \.\.\.fastifyOptions\(\{ logger \}\), trustProxy: true \}\);/,
  ],
  [
    "a logger behind others",
    'import Fastify from "fastify";\nconst app = Fastify({ trustProxy: true, logger: { level: "info" } });\n',
    /Fastify\(\{ \.\.\.fastifyOptions\(\{ logger \}\), trustProxy: true \}\);/,
  ],
  [
    "options on lines of their own, with a comment",
    'import Fastify from "fastify";\nconst app = Fastify({\n  trustProxy: true, // nginx\n  logger: {\n    level: "info",\n  },\n});\n',
    /Fastify\(\{\n {2}\.\.\.fastifyOptions\(\{ logger \}\),\n {2}trustProxy: true, \/\/ nginx\n\}\);/,
  ],
  [
    "options from elsewhere",
    'import Fastify from "fastify";\nexport function build(options) {\n  const app = Fastify(options ?? {});\n  return app;\n}\n',
    /Fastify\(\{ \.\.\.options \?\? \{\}, logger: false, \.\.\.fastifyOptions\(\{ logger \}\) \}\);\n {2}app\.register\(tracingPlugin\);/,
  ],
  [
    "options spread among others",
    'import Fastify from "fastify";\nexport function build(options) {\n  const app = Fastify({ trustProxy: true, ...options });\n  return app;\n}\n',
    /Fastify\(\{ trustProxy: true, \.\.\.options, logger: false, \.\.\.fastifyOptions\(\{ logger \}\) \}\);/,
  ],
  [
    "a type provider",
    'import Fastify from "fastify";\nconst app = Fastify().withTypeProvider();\n',
    /withTypeProvider\(\);\napp\.register\(tracingPlugin\);/,
  ],
  [
    "a variable declared before",
    'import Fastify from "fastify";\nlet app;\napp = Fastify();\n',
    /^app = Fastify\(.*\);\napp\.register\(tracingPlugin\);/m,
  ],
  [
    "a member of exports",
    'const Fastify = require("fastify");\nmodule.exports = Fastify();\n',
    /^module\.exports = Fastify\(.*\);\nmodule\.exports\.register\(tracingPlugin\);/m,
  ],
  [
    "a name that is taken",
    'import Fastify from "fastify";\nimport { logger } from "./log.js";\nconst app = Fastify({ loggerInstance: logger });\n',
    /import \{ health, logger as whodunitLogger \} from "\.\/whodunit\.js";\nconst app = Fastify\(fastifyOptions\(\{ logger: whodunitLogger \}\)\);/,
  ],
];

for (const [form, program, made] of FASTIFY_FORMS) {
  test(`adopt fits a Fastify application with ${form}`, async (t) => {
    const name = program.includes("require") ? "app.cjs" : "app.mjs";
    const files = { "package.json": manifest({ fastify: "5" }), [name]: program, "log.js": "" };
    const after = (await fitted(t, files, name)).replaceAll("whodunit.mjs", "whodunit.js");
    assert.match(after, made);
    assert.match(
      after,
      /\.register\(tracingPlugin\);?\n\s*.*\.register\(loggerPlugin, .*\);?\n\s*.*\.register\(healthPlugin, \{ health \}\)/,
    );
    readSyntax(name, after);
  });
}

const HANDLED = "function fail(error, req, res, next) { res.status(500).end(); }\n";
const EXPRESS_FORMS: readonly [form: string, files: Files, path: string, expected: RegExp][] = [
  [
    "a handler of errors in the same file",
    {
      "app.js": `const express = require("express");\nconst app = express();\napp.get("/", home);\napp.use(fail);\n${HANDLED}`,
    },
    "app.js",
    /app\.get\("\/", home\);\napp\.use\(observeExpressError\);\napp\.use\(fail\);/,
  ],
  [
    "no handler of errors",
    {
      "app.js":
        'const express = require("express");\nconst app = express();\napp.get("/", home);\napp.use("/users", users);\napp.listen(3000);\n',
    },
    "app.js",
    /app\.use\("\/users", users\);\napp\.use\(observeExpressError\);\napp\.listen/,
  ],
  [
    "a handler of errors that is imported",
    {
      "app.js":
        'const express = require("express");\nconst { last, missing } = require("./handlers");\nconst app = express();\napp.use(missing);\napp.use(last);\n',
      "handlers.js":
        "exports.missing = (req, res) => res.status(404).end();\nexports.last = (cause, req, res, next) => res.status(500).end();\n",
    },
    "app.js",
    /app\.use\(missing\);\napp\.use\(observeExpressError\);\napp\.use\(last\);/,
  ],
  [
    "routes that another file registers, with the handler of errors",
    {
      "app.js": 'const express = require("express");\nconst app = express();\nrequire("./routes")(app);\n',
      "routes.js": `module.exports = (app) => {\n  app.get("/", home);\n  app.use((error, req, res, next) => res.status(500).end());\n};\n`,
    },
    "routes.js",
    /const \{ observeExpressError \} = require\("@whodunit\/logger\/express"\);\n\nmodule[\s\S]*home\);\n {2}app\.use\(observeExpressError\);\n {2}app\.use\(\(error/,
  ],
  [
    "routes that another file registers, and no handler of errors",
    {
      "app.js":
        'const express = require("express");\nconst app = express();\nrequire("./routes")(app);\napp.listen(1);\n',
      "routes.js": "module.exports = (app) => {};\n",
    },
    "app.js",
    /require\("\.\/routes"\)\(app\);\napp\.use\(observeExpressError\);\napp\.listen/,
  ],
  [
    "a class that registers in its methods",
    {
      "app.ts":
        'import express from "express";\nexport class App {\n  public app = express();\n  constructor() {\n    this.before();\n    this.routes();\n  }\n  private before() { this.app.use(express.json()); }\n  private routes() { this.app.get("/", home); }\n  public listen() { this.app.listen(1); }\n}\n',
    },
    "app.ts",
    /constructor\(\) \{\n {4}this\.app\.use\(tracingMiddleware\(\)\);\n[\s\S]*\n {4}this\.routes\(\);\n {4}this\.app\.use\(observeExpressError\);\n/,
  ],
  [
    "calls in a chain",
    {
      "app.js": `const express = require("express");\nconst app = express();\napp.use(one).use(fail).listen(1);\n${HANDLED}`,
    },
    "app.js",
    /app\.use\(one\)\.use\(observeExpressError\)\.use\(fail\)\.listen\(1\);/,
  ],
  [
    "a part of it mounted",
    {
      "app.js":
        'const express = require("express");\nconst admin = express();\nconst app = express();\napp.use("/admin", admin);\n',
    },
    "app.js",
    /const app = express\(\);\napp\.use\(tracingMiddleware\(\)\);/,
  ],
];

for (const [form, files, path, expected] of EXPRESS_FORMS) {
  test(`adopt fits an Express application with ${form}`, async (t) => {
    const after = await fitted(t, { "package.json": EXPRESS, ...files }, path);
    assert.match(after, expected);
    readSyntax(path, after);
  });
}

const NEST = manifest({ "@nestjs/core": "^11.0.0", "@nestjs/common": "^11.0.0" });
const NEST_FORMS: readonly [form: string, create: string, made: RegExp][] = [
  ["a module alone", "create(AppModule)", /create\(AppModule, \{ logger: nestLogger \}\);/],
  [
    "options",
    "create<NestExpressApplication>(AppModule, { cors: true })",
    /\(AppModule, \{ logger: nestLogger, cors: true \}\);/,
  ],
  [
    "a logger of its own",
    'create(AppModule, { logger: ["error"] })',
    /create\(AppModule, \{ logger: \["error"\] \}\);\n {2}app\.use\(/,
  ],
  [
    "the adapter for Fastify",
    "create<NestFastifyApplication>(AppModule, new FastifyAdapter())",
    /\(AppModule, new FastifyAdapter\(\), \{ logger: nestLogger \}\);\n {2}await app\.register\(tracingPlugin\);/,
  ],
  [
    "options from elsewhere",
    "create(AppModule, options)",
    /create\(AppModule, options\);\n {2}app\.useLogger\(nestLogger\);/,
  ],
];

for (const [form, create, made] of NEST_FORMS) {
  test(`adopt fits a Nest application made with ${form}, and tells errors that Nest answers`, async (t) => {
    const main = `import { NestFactory } from "@nestjs/core";\n\nasync function bootstrap() {\n  const app = await NestFactory.${create};\n  await app.listen(3000);\n}\nbootstrap();\n`;
    const folder = projectFolder(t, { "package.json": NEST, "src/main.ts": main });
    const { code, stderr } = await whodunit(["adopt", folder, "--write"]);
    assert.equal(code, 0, stderr);
    const { "src/main.ts": after = "", "src/whodunit.ts": module = "" } = filesOf(folder);
    assert.match(after, made);
    assert.match(
      after,
      /\n {2}app\.useGlobalFilters\(new ErrorFilter\(app\.getHttpAdapter\(\)\)\);\n {2}app\.useGlobalInterceptors\(new ErrorInterceptor\(\)\);\n {2}await app\.listen/,
    );
    readSyntax("src/main.ts", after);
    readSyntax("src/whodunit.ts", module);
    assert.match(module, /class ErrorFilter extends BaseExceptionFilter/);
  });
}

test("adopt leaves routes under /health where they are, and puts ours under a prefix", async (t) => {
  const express = {
    "package.json": EXPRESS,
    "app.js":
      'const express = require("express");\nconst app = express();\napp.get("/health/ready", ready);\n',
  };
  assert.match(await fitted(t, express, "app.js"), /app\.use\("\/whodunit", healthRouter\(\{ health \}\)\);/);
  const fastify = {
    "package.json": FASTIFY,
    "app.js": `${ESM_APP}app.route({ method: "GET", url: "/health/live", handler });\n`,
  };
  assert.match(await fitted(t, fastify, "app.js"), /healthPlugin, \{ health, prefix: "\/whodunit" \}/);
});

test("adopt gives probes to the clients of databases that a module hands out, and names the others", async (t) => {
  const folder = projectFolder(t, {
    "package.json": manifest({ fastify: "5", pg: "8", ioredis: "5", mysql2: "3" }, { type: "module" }),
    "app.js":
      'import Fastify from "fastify";\nimport pool from "./db/index.js";\nimport { cache } from "./cache.js";\nimport Redis from "ioredis";\nconst own = new Redis();\nconst app = Fastify();\n',
    "db/index.js": 'import { Pool } from "pg";\nconst pool = new Pool();\nexport default pool;\n',
    "cache.js":
      'import { Redis } from "ioredis";\nconst client = new Redis();\nexport { client as cache };\n',
    "unused.js": 'import mysql from "mysql2";\nexport const unused = mysql.createPool({});\n',
  });
  const { stderr } = await whodunit(["adopt", folder, "--write"]);
  assert.match(stderr, /redisProbe\(\{ name: "redis", client \}\), for the client of app\.js:5/);
  const module = filesOf(folder)["whodunit.js"]!;
  assert.match(module, /^import pool from "\.\/db\/index\.js";$/m);
  assert.match(module, /^import \{ cache as client \} from "\.\/cache\.js";$/m);
  assert.match(module, /postgresProbe\(\{ name: "postgres", client: pool, critical: true \}\),/);
  assert.match(module, /redisProbe\(\{ name: "redis", client \}\),/);
  assert.match(module, /^traceClient\(pool\);\ntraceClient\(client\);$/m);
  assert.doesNotMatch(module, /mysql/);
});

const REFUSED: readonly [what: string, files: Files, word: RegExp][] = [
  ["no package.json", { "app.js": "" }, /there is no package\.json/],
  ["a package.json that is none", { "package.json": "{" }, /package\.json is no JSON object/],
  [
    "another framework",
    { "package.json": manifest({ koa: "^2.0.0" }) },
    /koa is not fitted.*docs\/frameworks\.md/s,
  ],
  ["no framework", { "package.json": manifest({}) }, /names neither fastify, express nor @nestjs\/core/],
  ["the root of a workspace", { "package.json": manifest({}, { workspaces: ["a"] }) }, /root of a workspace/],
  [
    "an old Fastify",
    { "package.json": manifest({ fastify: "^4.28.0" }), "app.js": "" },
    /fastify is wanted as \^4\.28\.0/,
  ],
  [
    "an old Express",
    { "package.json": manifest({ express: "4.16.0" }), "app.js": "" },
    /express is wanted as 4\.16\.0/,
  ],
  [
    "an Express whose patches alone are let in",
    { "package.json": manifest({ express: "~4.16.1" }), "app.js": "" },
    /express is wanted as ~4\.16\.1/,
  ],
  [
    "two applications",
    { "package.json": FASTIFY, "a.js": ESM_APP, "b.js": ESM_APP },
    /more than one application of Fastify: a\.js:3, b\.js:3/,
  ],
  [
    "no call that makes one",
    { "package.json": FASTIFY, "a.js": "export {};\n" },
    /no source makes an application of Fastify/,
  ],
  [
    "fastify-cli",
    {
      "package.json": manifest({ fastify: "5" }, { scripts: { start: "fastify start app.js" } }),
      "app.js": "",
    },
    /fastify-cli makes the application/,
  ],
  [
    "an application without a name",
    { "package.json": FASTIFY, "a.js": 'import Fastify from "fastify";\nexport default Fastify();\n' },
    /kept under no name/,
  ],
  [
    "one handed on at once",
    { "package.json": EXPRESS, "a.js": 'require("http").createServer(require("express")()).listen();\n' },
    /kept under no name/,
  ],
  [
    "a source that does not parse",
    { "package.json": FASTIFY, "a.js": `${ESM_APP}const = 1;\n` },
    /not read: a\.js: Unexpected token/,
  ],
  [
    "one of the packages in use",
    { "package.json": FASTIFY, "a.js": `import { createLogger } from "@whodunit/logger";\n${ESM_APP}` },
    /@whodunit\/logger is in use already/,
  ],
  [
    "a file where the telemetry would be made",
    { "package.json": FASTIFY, "a.js": ESM_APP, "whodunit.js": "" },
    /whodunit\.js is there already/,
  ],
];

for (const [what, files, word] of REFUSED) {
  test(`adopt refuses ${what} with a word of what to do, and changes nothing`, async (t) => {
    const folder = projectFolder(t, files);
    const { code, stdout, stderr } = await whodunit(["adopt", folder, "--write"]);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, word);
    assert.match(stderr, /Nothing is changed\. \S/);
    assert.deepEqual(filesOf(folder), files);
  });
}

test("adopt of a folder that is not there says so and ends with 3", async (t) => {
  const { code, stderr } = await whodunit(["adopt", join(projectFolder(t, {}), "nowhere")]);
  assert.equal(code, 3);
  assert.match(stderr, /nowhere/);
});

test("adopt neither reads nor writes through a symbolic link", async (t) => {
  const outside = projectFolder(t, { "package.json": FASTIFY, "app.js": ESM_APP });
  const folder = projectFolder(t, { "package.json": FASTIFY });
  symlinkSync(outside, join(folder, "src"));
  symlinkSync(join(outside, "app.js"), join(folder, "app.js"));
  assert.match(
    (await whodunit(["adopt", folder, "--write"])).stderr,
    /no source makes an application of Fastify/,
  );
  const linked = projectFolder(t, { "app.js": ESM_APP });
  symlinkSync(join(outside, "package.json"), join(linked, "package.json"));
  assert.match(
    (await whodunit(["adopt", linked, "--write"])).stderr,
    /package\.json is no file of this folder/,
  );
  assert.deepEqual(filesOf(outside), { "package.json": FASTIFY, "app.js": ESM_APP });
});

test("adopt runs nothing of the project, neither its sources nor its configuration", async (t) => {
  const folder = projectFolder(t, {
    "package.json": manifest(
      { fastify: "5" },
      { type: "module", scripts: { prepare: "touch ran", preinstall: "touch ran" } },
    ),
    "app.js": `${ESM_APP}import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("ran", import.meta.url), "");\n`,
    "babel.config.js": 'require("fs").writeFileSync(__dirname + "/ran", "");\n',
  });
  assert.equal((await whodunit(["adopt", folder, "--write"])).code, 0);
  assert.equal(existsSync(join(folder, "ran")), false);
});

test("adopt looks at no tests, nothing built, no other package of the tree", async (t) => {
  const after = await fitted(
    t,
    {
      "package.json": FASTIFY,
      "src/app.js": ESM_APP,
      "src/app.test.js": ESM_APP,
      "test/helper.js": ESM_APP,
      "dist/app.js": ESM_APP,
      "node_modules/x/app.js": ESM_APP,
      "packages/other/package.json": manifest({ fastify: "5" }),
      "packages/other/app.js": ESM_APP,
    },
    "src/app.js",
  );
  assert.match(after, /tracingPlugin/);
});

test("adopt keeps a file's mode and its mark of UTF-8, and adds below a hashbang and a directive", async (t) => {
  const folder = projectFolder(t, {
    "package.json": `\uFEFF${FASTIFY}`,
    "app.js": `\uFEFF${ESM_APP}`,
  });
  chmodSync(join(folder, "app.js"), 0o755);
  assert.equal((await whodunit(["adopt", folder, "--write"])).code, 0);
  assert.equal(statSync(join(folder, "app.js")).mode & 0o777, 0o755);
  assert.match(filesOf(folder)["app.js"]!, /^\uFEFFimport Fastify/);
  assert.match(filesOf(folder)["package.json"]!, /^\uFEFF\{/);
  const program = `#!/usr/bin/env node\n// ours\n"use strict";\nmodule.exports.app = require("fastify")();\n`;
  assert.match(
    await fitted(t, { "package.json": manifest({ fastify: "5" }), "app.js": program }, "app.js"),
    /^#!\/usr\/bin\/env node\n\/\/ ours\n"use strict";\n\nconst \{ healthPlugin \} = /,
  );
});

test("writeChanges takes back what it wrote where one of the files cannot be written", (t) => {
  const folder = projectFolder(t, { a: "1", b: "2", "c/d": "3" });
  const change = (path: string, before: string | null) => ({ path, before, after: "new" });
  assert.throws(
    () => writeChanges(folder, [change("a", "1"), change("n", null), change("b", "other")]),
    /b has changed since it was read/,
  );
  assert.throws(() => writeChanges(folder, [change("a", "1"), change("b", null)]), /b is there already/);
  // A folder stands where the first would be written beside.
  mkdirSync(join(folder, `.b.whodunit-${process.pid}`));
  assert.throws(() => writeChanges(folder, [change("a", "1"), change("b", "2")]));
  assert.deepEqual(filesOf(folder), { a: "1", b: "2", "c/d": "3" });
});

test("adopt prints no control character that a source holds, but for tabs and ends of lines", async (t) => {
  const folder = projectFolder(t, {
    "package.json": FASTIFY,
    "app.js": `import Fastify from "fastify";\n// \u001b]0;x\u0007\n\tconst app = Fastify();\n`,
  });
  const { stdout } = await whodunit(["adopt", folder], { isTTY: true, env: { NO_COLOR: "1" } });
  assert.match(stdout, /\/\/ +\]0;x/);
  assert.doesNotMatch(stdout, /[^\P{Cc}\n\r\t]/u);
});

test("whatever the layout, adopt keeps a source's line ends, quotes, semicolons and indent, and adds nothing the second time", async (t) => {
  for (let at = 0; at < (isFull ? 200 : 12); at++) {
    const random = createRandom(SEED + at);
    const [quote, end, newline, indent] = [
      random.pick(['"', "'"]),
      random.pick([";", ""]),
      random.pick(["\n", "\r\n"]),
      random.pick(["  ", "    ", "\t"]),
    ];
    const [typed, module, framework] = [
      random.chance(0.5),
      random.chance(0.5),
      random.pick(["fastify", "express"]),
    ];
    const name = random.pick(["app", "server", "api", "service"]);
    const folderName = random.pick(["", "src/", "lib/http/"]);
    const own = [
      typed || module
        ? `import make from ${quote}${framework}${quote}${end}`
        : `const make = require(${quote}${framework}${quote})${end}`,
      "",
      ...(random.chance(0.5)
        ? [`const ${name} = make()${end}`, `${name}.get(${quote}/${quote}, () => ${quote}ok${quote})${end}`]
        : [
            `function build () {`,
            `${indent}const ${name} = make()${end}`,
            `${indent}${name}.get(${quote}/${quote}, () => ${quote}ok${quote})${end}`,
            `${indent}return ${name}${end}`,
            "}",
            `build()${end}`,
          ]),
      "",
    ];
    const path = `${folderName}${random.pick(["app", "main", "index"])}.${typed ? "ts" : "js"}`;
    const files = {
      "package.json": manifest({ fastify: "^5.0.0" }, module ? { type: "module" } : {}).replace(
        "fastify",
        framework,
      ),
      [path]: own.join(newline),
    };
    const folder = projectFolder(t, files);
    const message = `SEED=${SEED + at}`;
    assert.equal((await whodunit(["adopt", folder, "--write"])).code, 0, message);
    const after = filesOf(folder);
    for (const file of [path, path.replace(/[^/]+\.(\w+)$/, "whodunit.$1")]) {
      const text = after[file]!;
      readSyntax(file, text);
      assert.equal(text.replaceAll(newline, "").match(/[\r\n]/), null, `${message} ${file}: ends of lines`);
      assert.equal(text.includes(quote === '"' ? "'" : '"'), false, `${message} ${file}: quotes`);
      const { added } = changed("", text);
      const simple = added.map((line) => line.trimEnd()).filter((line) => /\)$|\);$/.test(line));
      assert.ok(
        simple.every((line) => line.endsWith(";") === (end === ";")),
        `${message} ${file}: semicolons\n${text}`,
      );
    }
    const { removed } = changed(files[path]!, after[path]!);
    assert.ok(
      removed.every((line) => line.includes("make()")),
      `${message}: ${removed}`,
    );
    const again = await whodunit(["adopt", folder, "--write"]);
    assert.deepEqual([again.code, again.stdout, filesOf(folder)], [0, "", after], message);
    assert.match(again.stderr, /Nothing to add\./);
  }
});
