import assert from "node:assert/strict";
import { test } from "node:test";
import { readSyntax, startOf } from "../../src/adopt/syntax.ts";
import { whodunit } from "../helpers/command.ts";
import { type Files, filesOf, manifest, projectFolder } from "./project-folder.ts";

const EXPRESS = manifest({ express: "^5.0.0", pg: "^8.0.0" });
const POOL = 'import { Pool } from "pg";\nexport const pool = new Pool();\n';

/** The statements of a program, each without its semicolon. */
function statementsOf(path: string, text: string): string[] {
  return readSyntax(path, text).program.body.flatMap((node) => {
    const own = text.slice(startOf(node), node.end ?? 0).replace(/(?: \/\/ ours)?\s*;?$/, "");
    return own === "" ? [] : [own];
  });
}

// A line that begins so is a part of the statement before it, where that has no semicolon.
const BEGINNINGS: Readonly<Record<string, string>> = {
  "a list": "[1, 2].forEach((n) => n)",
  parentheses: "(async () => {})()",
  "a template": "`a`.trim()",
  "a regular expression": "/a/.test('a')",
  "a sign": "-Number('1')",
};
const WITHOUT: Readonly<Record<string, (line: string) => string>> = {
  "a statement that ends in a semicolon": (line) => `const app = express();\n${line}`,
  "a semicolon in front of it": (line) => `const app = express()\n;${line}`,
  "a semicolon in front, and a comment between": (line) => `const app = express() // ours\n\n;${line}`,
};

for (const [what, line] of Object.entries(BEGINNINGS)) {
  for (const [how, made] of Object.entries(WITHOUT)) {
    test(`adopt leaves ${what} behind the application a statement of its own, without semicolons elsewhere, by ${how}`, async (t) => {
      for (const top of [
        "const express = require('express')",
        `const express = require('express');\n${line}`,
      ]) {
        const program = `'use strict'\n${top}\nconst one = 1\nconst two = 2\nconst three = 3\n${made(line)}\napp.get('/', (req, res) => res.end())\n;${line}\napp.use((error, req, res, next) => next(error))\n`;
        const folder = projectFolder(t, { "package.json": EXPRESS, "app.js": program });
        const { code, stderr } = await whodunit(["adopt", folder, "--write"]);
        assert.equal(code, 0, stderr);
        const after = filesOf(folder)["app.js"]!;
        const now = statementsOf("app.js", after);
        const lost = statementsOf("app.js", program).filter((statement) => !now.includes(statement));
        assert.deepEqual(lost, [], after);
        for (const added of [
          "tracingMiddleware()",
          "loggerMiddleware({ logger })",
          "healthRouter({ health })",
          "observeExpressError",
        ])
          assert.ok(now.includes(`app.use(${added})`), after);
      }
    });
  }
}

const BRANCHES: Readonly<Record<string, readonly [routes: string, expected: RegExp]>> = {
  "behind a branch that registers last": [
    'if (process.env.NODE_ENV === "production") {\n  app.use(express.static("build"));\n}\n',
    /\n\}\napp\.use\(observeExpressError\);\napp\.listen/,
  ],
  "behind a branch without a block, and its else": [
    'if (process.env.NODE_ENV === "production") app.use(one);\nelse app.use(two);\n',
    /else app\.use\(two\);\napp\.use\(observeExpressError\);\napp\.listen/,
  ],
  "in front of a branch that answers errors in development": [
    'if (app.get("env") === "development") {\n  app.use(errorhandler());\n}\napp.use((error, req, res, next) => res.status(500).end());\n',
    /\napp\.use\(observeExpressError\);\nif \(app\.get/,
  ],
};

for (const [where, [routes, expected]] of Object.entries(BRANCHES)) {
  test(`adopt has errors of Express seen ${where}, whichever is taken`, async (t) => {
    const folder = projectFolder(t, {
      "package.json": EXPRESS,
      "app.js": `const express = require("express");\nconst app = express();\napp.get("/", home);\n${routes}app.listen(3000);\n`,
    });
    const { code, stderr } = await whodunit(["adopt", folder, "--write"]);
    assert.equal(code, 0, stderr);
    assert.match(filesOf(folder)["app.js"]!, expected);
  });
}

const ALIASES: Readonly<Record<string, readonly [files: Files, specifier: string]>> = {
  "paths of tsconfig.json, which has comments": [
    { "tsconfig.json": '{\n  // ours\n  "compilerOptions": { "paths": { "@/*": ["./src/*"], }, },\n}\n' },
    "@/db",
  ],
  "paths from a baseUrl": [
    { "tsconfig.json": '{ "compilerOptions": { "baseUrl": "src", "paths": { "~db": ["none", "db"] } } }' },
    "~db",
  ],
  "a baseUrl alone": [{ "tsconfig.json": '{ "compilerOptions": { "baseUrl": "./src" } }' }, "db"],
  "what tsconfig.json extends": [
    {
      "tsconfig.json": '{ "extends": ["./config/base"] }',
      "config/base.json": '{ "compilerOptions": { "paths": { "@db": ["../src/db.ts"] } } }',
    },
    "@db",
  ],
  "imports of package.json": [
    {
      "package.json": manifest(
        { express: "^5.0.0", pg: "^8.0.0" },
        { imports: { "#src/*": { types: "./types/*.d.ts", default: "./src/*.js" } } },
      ),
    },
    "#src/db",
  ],
};

for (const [what, [files, specifier]] of Object.entries(ALIASES)) {
  test(`adopt finds the client of a database that is brought in by ${what}`, async (t) => {
    const folder = projectFolder(t, {
      "package.json": EXPRESS,
      "src/db.ts": POOL,
      "src/app.ts": `import express from "express";\nimport { pool } from "${specifier}";\nexport const app = express();\napp.get("/", () => pool.query("SELECT 1"));\n`,
      ...files,
    });
    const { code, stderr } = await whodunit(["adopt", folder, "--write"]);
    assert.equal(code, 0, stderr);
    const module = filesOf(folder)["src/whodunit.ts"]!;
    assert.match(module, /postgresProbe\(\{ name: "postgres", client: pool, critical: true \}\),/);
    assert.match(module, /^import \{ pool \} from "\.\/db";$/m);
  });
}

test("adopt fits an application of a framework that is imported where it is made", async (t) => {
  const folder = projectFolder(t, {
    "package.json": manifest({ fastify: "^5.0.0" }),
    "index.js":
      'async function main() {\n  const { default: Fastify } = await import("fastify");\n  const app = Fastify();\n  await app.listen({ port: 3000 });\n}\nmain();\n',
  });
  assert.equal((await whodunit(["adopt", folder, "--write"])).code, 0);
  assert.match(
    filesOf(folder)["index.js"]!,
    /\n {2}const app = Fastify\(fastifyOptions\(\{ logger \}\)\);\n {2}app\.register\(tracingPlugin\);/,
  );
});

const INSTALLERS: Readonly<Record<string, Files>> = {
  npm: {},
  pnpm: { "pnpm-lock.yaml": "" },
  yarn: { "yarn.lock": "" },
  bun: { "bun.lock": "" },
};

for (const [installer, files] of Object.entries(INSTALLERS)) {
  test(`adopt says "${installer} install" next, by the lock file of the service or of its workspace`, async (t) => {
    const app = 'import express from "express";\nexport const app = express();\n';
    for (const at of ["", "packages/api/"]) {
      const folder = projectFolder(t, {
        "package.json": manifest({}, { workspaces: ["packages/*"] }),
        ...files,
        [`${at}package.json`]: EXPRESS,
        [`${at}app.js`]: app,
      });
      const { stderr } = await whodunit(["adopt", `${folder}/${at}`, "--write"]);
      assert.match(stderr, new RegExp(`Next: ${installer} install\\.\\n$`));
    }
  });
}

const REFUSED: Readonly<Record<string, readonly [files: Files, word: RegExp]>> = {
  "a microservice of Nest": [
    {
      "package.json": manifest({ "@nestjs/core": "^11.0.0" }),
      "src/main.ts":
        'import { NestFactory } from "@nestjs/core";\nexport const app = NestFactory.createMicroservice(class {}, {});\n',
    },
    /src\/main\.ts:2 answers no HTTP[\s\S]*docs\/frameworks\.md/,
  ],
  "CommonJS that TypeScript takes by its word": [
    {
      "package.json": EXPRESS,
      "tsconfig.json": '{ "compilerOptions": { "verbatimModuleSyntax": true } }',
      "app.ts": 'import express = require("express");\nconst app = express();\nexport = app;\n',
    },
    /app\.ts is CommonJS with verbatimModuleSyntax[\s\S]*import x = require/,
  ],
};

for (const [what, [files, word]] of Object.entries(REFUSED)) {
  test(`adopt refuses ${what} with a word of what to do, and changes nothing`, async (t) => {
    const folder = projectFolder(t, files);
    const { code, stderr } = await whodunit(["adopt", folder, "--write"]);
    assert.equal(code, 1);
    assert.match(stderr, word);
    assert.deepEqual(filesOf(folder), files);
  });
}

test("adopt names no file that stays as it is: a package.json that has the packages already", async (t) => {
  const files = {
    "package.json": manifest({
      "@whodunit/health": "file:health.tgz",
      "@whodunit/logger": "file:logger.tgz",
      "@whodunit/tracing": "file:tracing.tgz",
      express: "^5.0.0",
      whodunit: "file:whodunit.tgz",
    }),
    "app.js": 'const express = require("express");\nconst app = express();\napp.get("/", home);\n',
  };
  const folder = projectFolder(t, files);
  assert.doesNotMatch((await whodunit(["adopt", folder])).stdout, /package\.json/);
  const { stderr } = await whodunit(["adopt", folder, "--write"]);
  assert.match(stderr, /Written: whodunit\.js, app\.js\. /);
  assert.equal(filesOf(folder)["package.json"], files["package.json"]);
});

const nestMain = (more = ""): string =>
  `import { NestFactory } from "@nestjs/core";\nimport { AppModule } from "./app.module";\n${more}async function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  await app.listen(3000);\n}\nbootstrap();\n`;
const TWO_APPS: Files = {
  "package.json": manifest({ "@nestjs/core": "^11.0.0", "@nestjs/platform-express": "^11.0.0" }),
  "apps/api/src/main.ts": nestMain(),
  "apps/admin/src/main.ts": nestMain('process.on("SIGTERM", () => {});\n'),
};

test("adopt fits one of several applications that have one package.json, by its folder, and leaves the others alone", async (t) => {
  const folder = projectFolder(t, TWO_APPS);
  const whole = await whodunit(["adopt", folder]);
  assert.equal(whole.code, 1);
  assert.match(whole.stderr, /more than one application of Nest.*"whodunit adopt apps\/admin\/src"/s);

  const { code, stderr } = await whodunit(["adopt", `${folder}/apps/api`, "--write"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Nest in apps\/api\/src\/main\.ts:4/);
  assert.doesNotMatch(stderr, /signals/);
  const after = filesOf(folder);
  assert.match(after["package.json"]!, /"@whodunit\/logger"/);
  assert.match(after["apps/api/src/whodunit.ts"]!, /const service = "api";/);
  assert.match(after["apps/api/src/main.ts"]!, /app\.use\(tracingMiddleware\(\)\);/);
  assert.equal(after["apps/admin/src/main.ts"], TWO_APPS["apps/admin/src/main.ts"]);

  const other = await whodunit(["adopt", `${folder}/apps/admin/src`, "--write"]);
  assert.match(other.stderr, /signals are handled in apps\/admin\/src\/main\.ts:3/);
  assert.match(other.stderr, /Written: apps\/admin\/src\/whodunit\.ts, apps\/admin\/src\/main\.ts\. /);
  assert.match(filesOf(folder)["apps/admin/src/whodunit.ts"]!, /const service = "admin";/);
});

const SIGNALLED: Readonly<Record<string, string>> = {
  "in a loop over their names":
    'for (const signal of ["SIGINT", "SIGTERM"]) {\n  process.once(signal, () => server.close());\n}\n',
  "by a package":
    'const closeWithGrace = require("close-with-grace");\ncloseWithGrace({ delay: 500 }, () => server.close());\n',
  "from a list of their names":
    'const SIGNALS = ["SIGINT", "SIGTERM"];\nSIGNALS.forEach((signal) =>\n  process.on(signal, () => server.close()));\n',
};

for (const [how, handled] of Object.entries(SIGNALLED)) {
  test(`adopt says where signals are handled, ${how}`, async (t) => {
    const folder = projectFolder(t, {
      "package.json": EXPRESS,
      "app.js":
        'const express = require("express");\nconst app = express();\nprocess.on("exit", () => {});\napp.get("/", home);\n',
      "server.js": `const server = require("./app").listen(3000);\n${handled}`,
    });
    const { stderr } = await whodunit(["adopt", folder]);
    assert.match(stderr, /signals are handled in server\.js(?::\d| by close-with-grace): call shutdown\(\)/);
  });
}
