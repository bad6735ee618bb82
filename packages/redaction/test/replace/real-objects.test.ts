import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import { inspect } from "node:util";
import { createRedactor } from "@whodunit/redaction";

const { redactValue, redactText } = createRedactor();
const SECRETS = [
  "s3cr3tBearer99",
  "c00kieValue77",
  "qu3ryToken55",
  "hunter2pass",
  "setC00kie33",
  "ada.lovelace",
];

function assertClean(value: unknown): void {
  const output = `${JSON.stringify(value)} ${inspect(value, { depth: null, maxStringLength: null })}`;
  for (const secret of SECRETS) assert.ok(!output.includes(secret), `${secret} in ${output.slice(0, 2000)}`);
}

test("redactValue() cleans the request and response objects of node:http, on both sides", async (t) => {
  const sides: unknown[] = [];
  const server = http.createServer((req, res) => {
    res.setHeader("set-cookie", "sid=setC00kie33; Path=/");
    res.end(JSON.stringify({ password: "hunter2pass" }));
    sides.push(redactValue({ req, res }), redactText(inspect(req)), redactText(inspect(req.headers)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const headers = {
    authorization: "Bearer s3cr3tBearer99",
    cookie: "a=c00kieValue77",
    "x-user": "ada.lovelace@example.org",
  };
  const request = http.request({ port, host: "127.0.0.1", path: "/x?token=qu3ryToken55", headers });
  request.end();
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  sides.push(redactValue({ request, response }));
  const body = Buffer.concat(await response.toArray());
  sides.push(redactValue({ body, text: body.toString() }));
  assert.equal(sides.length, 5);
  for (const side of sides) assertClean(side);
  const { req } = sides[0] as { req: { rawHeaders: string[] } };
  assert.ok(req.rawHeaders.includes(`127.0.0.1:${port}`));
});

test("redactValue() cleans fetch's objects and errors", async () => {
  const url = "http://ada.lovelace:hunter2pass@127.0.0.1:1/x?token=qu3ryToken55";
  const headers = new Headers({ authorization: "Bearer s3cr3tBearer99" });
  const failure = await fetch(url.replace("ada.lovelace:hunter2pass@", ""), { headers }).catch(
    (error: unknown) => error,
  );
  const refused = await fetch(url).catch((error: unknown) => error);
  assert.match(String((refused as Error).message), /hunter2pass/, "fetch tells the password itself");
  const request = new Request("http://127.0.0.1/x?token=qu3ryToken55", { headers });
  const copy = redactValue({ failure, refused, request, headers, url: new URL(url) });
  assertClean(copy);
  assert.equal((copy as { refused: { type: string } }).refused.type, "TypeError");
});

test("redactValue() cleans the error of a child process", async () => {
  const error = await new Promise((resolve) => {
    execFile(
      process.execPath,
      ["-e", "process.exit(1)", "--", "--password", "hunter2pass", "--token=qu3ryToken55"],
      resolve,
    );
  });
  assert.match((error as Error).message, /hunter2pass/);
  const copy = redactValue(error) as { cmd: string; code: number };
  assertClean(copy);
  assert.equal(copy.code, 1);
  assert.match(copy.cmd, /--password \[Redacted\] --token=\[Redacted\]$/);
});
