import assert from "node:assert/strict";
import { test } from "node:test";
import { whodunit } from "../helpers/command.ts";
import { filesOf, manifest, projectFolder } from "./project-folder.ts";

/** What generated and much copied services are like, beyond what stands in the other tests. */

const EXPRESS = manifest({ express: "^5.0.0" });

test("adopt ends no import with a semicolon where a comment follows, and the source has none", async (t) => {
  for (const comment of ["// ours", "/** Ours. */", "/* a *//* b */ // c"]) {
    const program = `const express = require('express')\n\n${comment}\nconst app = express()\napp.get('/', (req, res) => res.end())\n`;
    const folder = projectFolder(t, { "package.json": EXPRESS, "app.js": program });
    assert.equal((await whodunit(["adopt", folder, "--write"])).code, 0);
    assert.doesNotMatch(filesOf(folder)["app.js"]!, /;/);
  }
});

const HANDLER = "app.use((error, req, res, next) => next(error))\n";
const ROUTE = "app.get('/late', () => { throw new Error('late') })\n";
const BEHIND: Readonly<Record<string, readonly [rest: string, observed: number]>> = {
  "routes behind the handler of errors": [`${HANDLER}${ROUTE}`, 2],
  "routes behind two handlers of errors": [`${HANDLER}${HANDLER}${ROUTE}`, 2],
  "a handler of errors behind another": [`${ROUTE}${HANDLER}${HANDLER}`, 1],
  "a handler of errors in a branch behind another": [`${HANDLER}if (one) {\n  ${HANDLER}}\n`, 1],
};
for (const [what, [rest, observed]] of Object.entries(BEHIND)) {
  test(`adopt has errors of all routes observed, with ${what}`, async (t) => {
    const top = "const express = require('express')\nconst app = express()\nconst one = 1\n";
    const folder = projectFolder(t, { "package.json": EXPRESS, "app.js": top + rest });
    assert.equal((await whodunit(["adopt", folder, "--write"])).code, 0);
    const after = filesOf(folder)["app.js"]!;
    assert.equal(after.split("app.use(observeExpressError)").length - 1, observed, after);
    const routeIsLast = rest.endsWith(ROUTE);
    assert.equal(after.endsWith("app.use(observeExpressError)\n"), routeIsLast, after);
  });
}

test("adopt says where Nest is given another logger than ours, and what writes a second line a request", async (t) => {
  const own = `import { NestFactory } from "@nestjs/core";
import { Logger } from "nestjs-pino";
import { AppModule } from "./app.module";

async function bootstrap() {
  const app = await NestFactory.create(AppModule, { bufferLogs: true });
  app.useLogger(app.get(Logger));
  await app.listen(3000);
}
bootstrap();
`;
  const folder = projectFolder(t, {
    "package.json": manifest({ "@nestjs/core": "^11.0.0", "nestjs-pino": "^4.0.0" }),
    "main.ts": own,
  });
  const { stderr } = await whodunit(["adopt", folder]);
  const line = own.slice(0, own.indexOf("useLogger")).split("\n").length;
  assert.match(stderr, new RegExp(`useLogger\\(\\) in main\\.ts:${line}: what Nest logs goes there`));
  assert.match(stderr, /nestjs-pino: it writes a second line a request/);
});
