import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LOWER, type Random } from "../helpers/random.ts";

/** A service as others write theirs, before Whodunit. */
export interface Stranger {
  readonly name: string;
  readonly folder: string;
  /** Its route, as its framework has it. */
  readonly route: string;
  readonly isTyped: boolean;
  /** The program, once it is built. */
  readonly program: string;
  /** Its own tests, once they are built. */
  readonly tests: string;
}

/** What the four have of each other. */
interface Given {
  readonly random: Random;
  readonly folder: string;
  /** Whether this one fails where an item has no name. */
  readonly fails: boolean;
  /** The route of the service that it asks. */
  readonly asks: string;
}

type Files = Record<string, string>;

/** An item, as the table and all routes have it. */
const SHOW = "item.name";
const SHOUT = "item.name.toUpperCase()";

/** A Fastify API with a database, in ES modules. */
export function fastifyApi({ random, folder, fails }: Given): Stranger {
  const { name, things, app, at } = drawn(random);
  const option = random.pick([
    'requestIdHeader: "x-correlation-id"',
    "trustProxy: true",
    "bodyLimit: 65536",
    "disableRequestLogging: true",
    "exposeHeadRoutes: false",
    "genReqId: (request) => String(request.headers.host) + Math.random()",
    "routerOptions: { ignoreTrailingSlash: true }",
  ]);
  const logger = random.pick([
    "logger: true",
    'logger: { level: "info" }',
    "logger: process.env.QUIET === undefined",
  ]);
  const options = random.chance(0.5)
    ? `{ ${logger}, ${option} }`
    : `{\n    ${option}, // ours\n    ${logger},\n  }`;
  const makes = random.pick([
    `Fastify(${options})`,
    `Fastify({ ...options, ${option} })`,
    "Fastify(options)",
  ]);
  const files: Files = {
    "package.json": manifest(name, { fastify: "^5.2.0", pg: "^8.13.0" }, { type: "module" }),
    [`${at}/${app}.js`]: `import Fastify from "fastify";
import { routes } from "./routes/${things}.js";

export function build(options = {}) {
  const ${app} = ${makes};
  ${app}.register(routes);
  return ${app};
}
`,
    [`${at}/routes/${things}.js`]: `import { pool } from "../db.js";

export async function routes(app) {
  app.get("/${things}/:id", async (request, reply) => {
    const { rows } = await pool.query("SELECT id, name FROM items WHERE id = $1", [request.params.id]);
    const item = rows[0];
    if (item === undefined) return reply.code(404).send({ message: "none" });
    return { id: item.id, name: ${fails ? SHOUT : SHOW} };
  });
}
`,
    [`${at}/db.js`]: `import ${random.pick(["pg", "postgres"])} from "pg";

export const pool = new POOL({ connectionString: process.env.DATABASE_URL });
pool.on("error", () => {});
`,
    [`${at}/main.js`]: `import { build } from "./${app}.js";

const server = build();
await server.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
`,
    "test/api.test.js": `import assert from "node:assert/strict";
import { after, mock, test } from "node:test";
import { build } from "../${at}/${app}.js";
import { pool } from "../${at}/db.js";

after(() => pool.end());

test("an item, and none", async (t) => {
  const app = build();
  t.after(() => app.close());
  mock.method(pool, "query", async (text, values) => ({ rows: values?.[0] === "1" ? [{ id: 1, name: "ONE" }] : [] }));
  const answer = await app.inject({ url: "/${things}/1", headers: { "x-correlation-id": "c1" } });
  assert.deepEqual(answer.json(), { id: 1, name: "ONE" });
  assert.equal((await app.inject("/${things}/2")).statusCode, 404);
  assert.equal((await app.inject("/nowhere")).statusCode, 404);
});
`,
  };
  const db = files[`${at}/db.js`]!;
  files[`${at}/db.js`] = db.replace("POOL", `${/import (\w+)/.exec(db)![1]}.Pool`);
  write(folder, files, random);
  return {
    name,
    folder,
    route: `/${things}/:id`,
    isTyped: false,
    program: `${at}/main.js`,
    tests: "test/*.test.js",
  };
}

/** A starter in TypeScript for Express 5: a class, its routes and its middlewares in rooms of their own. */
export function expressStarter({ random, folder, fails, asks }: Given): Stranger {
  const { name, things, app: drawnApp, word } = drawn(random);
  const app = drawnApp === "server" ? "main" : drawnApp;
  const option = random.pick([
    'disable("x-powered-by")',
    'set("trust proxy", 1)',
    'enable("strict routing")',
    'set("etag", false)',
    'set("json spaces", 2)',
  ]);
  const made = random.chance(0.5) ? "public app: express.Application;" : "public app = express();";
  const files: Files = {
    "package.json": manifest(name, { express: "^5.0.0" }, { scripts: { build: "tsc -p ." } }),
    "tsconfig.json": tsconfig({ module: "commonjs", moduleResolution: "bundler", esModuleInterop: true }),
    [`src/${app}.ts`]: `import express from "express";
import { errorMiddleware } from "./middlewares/error.middleware";
import { ${word}Route } from "./routes/${things}.route";

export class App {
  ${made}

  constructor() {
    ${made.includes("=") ? "" : "this.app = express();\n    "}this.app.${option};
    this.initializeMiddlewares();
    this.initializeRoutes();
    this.initializeErrorHandling();
  }

  public listen(port: number) {
    return this.app.listen(port, "127.0.0.1");
  }

  private initializeMiddlewares() {
    this.app.use(express.json());
  }

  private initializeRoutes() {
    this.app.use("/api", new ${word}Route().router);
  }

  private initializeErrorHandling() {
    this.app.use(errorMiddleware);
  }
}
`,
    "src/middlewares/error.middleware.ts": `import type { NextFunction, Request, Response } from "express";

export const errorMiddleware = (error: Error & { status?: number }, _req: Request, res: Response, _next: NextFunction) => {
  res.status(error.status ?? 500).json({ message: error.message });
};
`,
    [`src/routes/${things}.route.ts`]: `import { Router } from "express";
import { find } from "../controllers/${things}.controller";

export class ${word}Route {
  public router = Router();

  constructor() {
    this.router.get("/${things}/:id", find);
  }
}
`,
    [`src/controllers/${things}.controller.ts`]: `import type { NextFunction, Request, Response } from "express";

export async function find(req: Request, res: Response, next: NextFunction) {
  try {
    const answer = await fetch(\`\${process.env.UPSTREAM}${asks.replace(":id", idOf("req.params.id"))}\`);
    if (!answer.ok) throw Object.assign(new Error("upstream"), { status: answer.status });
    const item = (await answer.json()) as { id: number; name: string };
    res.json({ id: item.id, name: ${fails ? SHOUT : SHOW} });
  } catch (error) {
    next(error);
  }
}
`,
    "src/server.ts": `import { App } from "./${app}";

new App().listen(Number(process.env.PORT));
`,
    "src/tests/api.test.ts": ownTest(
      `import type { AddressInfo } from "node:net";
import { App } from "../${app}";
`,
      "new App().listen(0)",
      `/api/${things}`,
      true,
    ),
  };
  write(folder, files, random);
  return {
    name,
    folder,
    route: `/api/${things}/:id`,
    isTyped: true,
    program: "dist/server.js",
    tests: "dist/tests/*.test.js",
  };
}

/** An API in CommonJS for Express 4, whose routes another file registers. */
export function commonApi({ random, folder, fails, asks }: Given): Stranger {
  const { name, things, app } = drawn(random);
  const option = random.pick([
    'disable("x-powered-by")',
    'set("trust proxy", true)',
    'enable("case sensitive routing")',
    'set("query parser", "simple")',
  ]);
  const apart = random.chance(0.5);
  const routes = `${apart ? "" : `const ${things} = require("./routes");\n`}`;
  const handlers = `${app}.use((req, res) => res.status(404).json({ message: "none" }));
  ${app}.use(function (error, req, res, next) {
    res.status(error.status || 500).json({ message: error.message });
  });`;
  const files: Files = {
    "package.json": manifest(name, { express: "~4.21.0" }),
    "routes/index.js": `const express = require("express");
const http = require("node:http");

const router = express.Router();

router.get("/:id", (req, res, next) => {
  http.get(\`\${process.env.UPSTREAM}${asks.replace(":id", idOf("req.params.id"))}\`, (answer) => {
    let text = "";
    answer.on("data", (part) => (text += part));
    answer.on("end", () => {
      try {
        if (answer.statusCode !== 200) throw Object.assign(new Error("upstream"), { status: answer.statusCode });
        const item = JSON.parse(text);
        res.json({ id: item.id, name: ${fails ? SHOUT : SHOW} });
      } catch (error) {
        next(error);
      }
    });
  }).on("error", next);
});

module.exports = router;
`,
    [`${app}.js`]: `"use strict";

const express = require("express");
${routes}
const ${app} = express();

${app}.${option};
${apart ? `require("./register")(${app});` : `${app}.use("/${things}", ${things});\n${handlers.replaceAll("\n  ", "\n")}`}

module.exports = ${app};
`,
    ...(apart
      ? {
          "register.js": `const ${things} = require("./routes");\n\nmodule.exports = function (${app}) {\n  ${app}.use("/${things}", ${things});\n  ${handlers}\n};\n`,
        }
      : {}),
    "bin/www.js": `const app = require("../${app}");

app.listen(Number(process.env.PORT), "127.0.0.1");
`,
    "test/api.test.js": ownTest(`const app = require("../${app}");\n`, "app.listen(0)", `/${things}`, false),
  };
  write(folder, files, random);
  return {
    name,
    folder,
    route: `/${things}/:id`,
    isTyped: false,
    program: "bin/www.js",
    tests: "test/*.test.js",
  };
}

/** A boilerplate of Nest, on Express or on Fastify. */
export function nestBoilerplate({ random, folder, fails, asks }: Given): Stranger {
  const { name, things, word } = drawn(random);
  const onFastify = random.chance(0.5);
  const option = random.pick([
    "cors: true",
    "bodyParser: true",
    "abortOnError: false",
    "forceCloseConnections: true",
  ]);
  const create = onFastify
    ? `NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter()${random.chance(0.5) ? `, { ${option} }` : ""})`
    : `NestFactory.create(AppModule${random.chance(0.5) ? `, { ${option} }` : ""})`;
  const platform = onFastify ? "platform-fastify" : "platform-express";
  const files: Files = {
    "package.json": manifest(
      name,
      {
        "@nestjs/common": "^12.0.0",
        "@nestjs/core": "^12.0.0",
        [`@nestjs/${platform}`]: "^12.0.0",
        rxjs: "^7.8.0",
        "reflect-metadata": "^0.2.0",
      },
      { type: "module", scripts: { build: "tsc -p ." } },
    ),
    "tsconfig.json": tsconfig({
      module: "nodenext",
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    }),
    "src/main.ts": `import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
${onFastify ? 'import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";\n' : ""}import { AppModule } from "./app.module.js";

async function bootstrap() {
  const app = await ${create};
  app.setGlobalPrefix("v1");
  await app.listen(Number(process.env.PORT), "127.0.0.1");
}
void bootstrap();
`,
    "src/app.module.ts": `import { Module } from "@nestjs/common";
import { ${word}Controller } from "./${things}/${things}.controller.js";
import { ${word}Service } from "./${things}/${things}.service.js";

@Module({ controllers: [${word}Controller], providers: [${word}Service] })
export class AppModule {}
`,
    [`src/${things}/${things}.controller.ts`]: `import { Controller, Get, Param } from "@nestjs/common";
import { ${word}Service } from "./${things}.service.js";

@Controller("${things}")
export class ${word}Controller {
  constructor(private readonly service: ${word}Service) {}

  @Get(":id")
  async find(@Param("id") id: string) {
    const item = await this.service.find(id);
    return { id: item.id, name: ${fails ? SHOUT : SHOW} };
  }
}
`,
    [`src/${things}/${things}.service.ts`]: `import { HttpException, Injectable } from "@nestjs/common";

@Injectable()
export class ${word}Service {
  async find(id: string): Promise<{ id: number; name: string }> {
    const answer = await fetch(\`\${process.env.UPSTREAM}${asks.replace(":id", idOf("id"))}\`);
    if (!answer.ok) throw new HttpException("upstream", answer.status);
    return (await answer.json()) as { id: number; name: string };
  }
}
`,
    "src/tests/api.test.ts": ownTest(
      `import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { NestFactory } from "@nestjs/core";
${onFastify ? 'import { FastifyAdapter } from "@nestjs/platform-fastify";\n' : ""}import { AppModule } from "../app.module.js";

async function start() {
  const app = await NestFactory.create(AppModule${onFastify ? ", new FastifyAdapter()" : ""}, { logger: false });
  return app.listen(0);
}
`,
      "await start()",
      `/${things}`,
      true,
    ),
  };
  write(folder, files, random);
  return {
    name,
    folder,
    route: `/v1/${things}/:id`,
    isTyped: true,
    program: "dist/main.js",
    tests: "dist/tests/*.test.js",
  };
}

function drawn(random: Random) {
  const things = `${random.chars(random.integer(4, 8), LOWER)}s`;
  const word = things[0]!.toUpperCase() + things.slice(1);
  const at = random.pick(["src", "lib", "server"]);
  return {
    name: `${random.chars(5, LOWER)}-${things}`,
    things,
    word,
    at,
    app: random.pick(["app", "server", "api", "application"]),
  };
}

function manifest(name: string, dependencies: Record<string, string>, more: object = {}): string {
  return `${JSON.stringify({ name: `@acme/${name}`, version: "1.0.0", private: true, ...more, dependencies }, null, 2)}\n`;
}

function tsconfig(more: object): string {
  const compilerOptions = {
    target: "es2023",
    types: ["node"],
    outDir: "dist",
    rootDir: "src",
    strict: true,
    skipLibCheck: true,
    ...more,
  };
  return `${JSON.stringify({ compilerOptions, include: ["src"] }, null, 2)}\n`;
}

/** A service's own test: an upstream of its own, an item, none, and an error's answer. */
function ownTest(imports: string, start: string, path: string, isTyped: boolean): string {
  const [load, cast] = isTyped
    ? [
        'import assert from "node:assert/strict";\nimport { createServer } from "node:http";\nimport { test } from "node:test";',
        " as AddressInfo",
      ]
    : [
        'const assert = require("node:assert/strict");\nconst { createServer } = require("node:http");\nconst { test } = require("node:test");',
        "",
      ];
  return `${load}
${imports}
test("an item, and what upstream refuses", async (t) => {
  const upstream = createServer((req, res) => {
    res.statusCode = req.url?.endsWith("1") ? 200 : 418;
    res.end(JSON.stringify({ id: 1, name: "ONE" }));
  }).listen(0);
  process.env.UPSTREAM = \`http://localhost:\${(upstream.address()${cast}).port}\`;
  const server = ${start};
  t.after(() => {
    server.close();
    server.closeAllConnections();
    upstream.close();
    upstream.closeAllConnections();
  });
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  const base = \`http://localhost:\${(server.address()${cast}).port}${path}\`;
  const answer = await fetch(\`\${base}/1\`);
  assert.deepEqual([answer.status, await answer.json()], [200, { id: 1, name: "ONE" }]);
  const refused = await fetch(\`\${base}/2\`);
  assert.equal(refused.status, 418);
  assert.equal(((await refused.json())${isTyped ? " as { message: string }" : ""}).message, "upstream");
});
`;
}

/** A value of a program, inside one of its template strings. */
const idOf = (expression: string): string => `\${${expression}}`;

/** Writes the files in a style of their own. */
function write(folder: string, files: Files, random: Random): void {
  const [single, bare, carriage, tabs] = [
    random.chance(0.5),
    random.chance(0.5),
    random.chance(0.25),
    random.chance(0.25),
  ];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const isSource = /\.[jt]s$/.test(path);
    let own = text;
    if (isSource && single) own = own.replaceAll(/"([^"'\n]*)"/g, "'$1'");
    if (isSource && bare) own = own.replaceAll(/;$/gm, "");
    if (isSource && tabs) own = own.replaceAll(/^(?: {2})+/gm, (spaces) => "\t".repeat(spaces.length / 2));
    writeFileSync(join(folder, path), carriage ? own.replaceAll("\n", "\r\n") : own);
  }
}

/** Makes a package of the tree stand for another in a folder, as an older version of it. */
export function installAs(folder: string, name: string, target: string): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(target, join(folder, "node_modules", name));
}
