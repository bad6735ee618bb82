import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { test } from "node:test";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { until } from "../../../../test/helpers/until.ts";
import { type Child, startChild } from "../helpers/child.ts";

async function untilDraining(url: string): Promise<{ draining: boolean; inFlight: number }> {
  let body = { draining: false, inFlight: 0 };
  await until(async () => {
    const response = await fetch(`${url}/health/ready`);
    body = (await response.json()) as typeof body;
    assert.equal(body.draining, response.status === 503);
    return body.draining;
  }, "it drains");
  return body;
}

function refused(url: string): Promise<void> {
  return until(async () => {
    try {
      await (await fetch(url)).text();
      return false;
    } catch {
      return true;
    }
  }, "no connection is taken any more");
}

const start = (t: Parameters<typeof startChild>[0], framework: string, drainDelayMs: number): Child =>
  startChild(t, "./service.ts", framework, String(drainDelayMs), "30000");

const FRAMEWORKS = ["fastify", "express", "node"];
const isLeftOut = leftOut(FRAMEWORKS, 1);

for (const framework of FRAMEWORKS) {
  const skip = isLeftOut(framework);
  test(`SIGTERM drains ${framework}: ready 503, live 200, serving on, then closed and exit 0`, {
    skip,
  }, async (t) => {
    const child = start(t, framework, 3_000);
    const url = await child.line(0);
    assert.equal((await fetch(`${url}/health/ready`)).status, 200);
    const held = fetch(`${url}/held`);
    await fetch(url);
    child.process.kill("SIGTERM");
    const { draining, inFlight } = await untilDraining(url);
    assert.deepEqual([draining, inFlight], [true, 1]);
    assert.equal((await fetch(`${url}/health/live`)).status, 200);
    const served = await fetch(url);
    assert.equal(await served.text(), "served");
    assert.equal(served.headers.get("connection"), "close");
    await refused(url);
    child.process.kill("SIGHUP");
    assert.equal(await (await held).text(), "served");
    assert.equal(await child.exit, 0);
    assert.equal(child.lines.at(-1), "closed");
  });

  test(`A second SIGTERM ends the wait of ${framework} and cuts what is in flight`, { skip }, async (t) => {
    const child = start(t, framework, 60_000);
    const url = await child.line(0);
    const held = fetch(`${url}/held`);
    await fetch(url);
    child.process.kill("SIGTERM");
    await untilDraining(url);
    child.process.kill("SIGTERM");
    await assert.rejects(held);
    assert.equal(await child.exit, 0);
    // Half a minute after the first it would have said so, and it would have waited a whole one.
    assert.deepEqual(child.lines.slice(1), child.lines.includes("closed") ? ["closed"] : []);
  });
}

test("SIGTERM drains each server of a Fastify that listens on localhost", async (t) => {
  const child = start(t, "localhost", 60_000);
  const urls = [await child.line(0), await child.line(1)];
  for (const url of urls) await (await fetch(url)).text();
  child.process.kill("SIGTERM");
  await untilDraining(urls[0] as string);
  for (const url of urls) assert.equal((await fetch(url)).headers.get("connection"), "close", url);
  child.process.kill("SIGTERM");
  assert.equal(await child.exit, 0);
  assert.equal(child.lines.at(-1), "closed");
});

test("An idle keep-alive connection does not hold the shutdown up", async (t) => {
  const child = start(t, "node", 0);
  const url = await child.line(0);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await new Promise<void>((resolve, reject) => {
    const done = (response: IncomingMessage): void => void response.resume().on("end", resolve);
    get(url, { agent }, done).on("error", reject);
  });
  child.process.kill("SIGTERM");
  assert.equal(await child.exit, 0);
});

for (const framework of ["given", "fastify", "http2"]) {
  test(`A server that nobody has asked yet is closed too: ${framework}`, async (t) => {
    const child = start(t, framework, 0);
    await child.line(0);
    child.process.kill("SIGTERM");
    assert.equal(await child.exit, 0);
    assert.equal(child.lines.at(-1), "closed");
  });
}

test("An open HTTP/2 session does not hold the shutdown up", async (t) => {
  const child = start(t, "http2", 0);
  const session = connect(await child.line(0));
  t.after(() => session.destroy());
  const stream = session.request({ ":path": "/health/ready" });
  const [headers] = (await once(stream, "response")) as [{ ":status": number }];
  assert.equal(headers[":status"], 200);
  stream.resume();
  await once(stream, "end");
  child.process.kill("SIGTERM");
  assert.equal(await child.exit, 0);
  assert.equal(child.lines.at(-1), "closed");
});
