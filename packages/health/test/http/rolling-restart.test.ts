import assert from "node:assert/strict";
import { Agent, createServer, get, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { until } from "../../../../test/helpers/until.ts";
import { type Child, startChild } from "../helpers/child.ts";

interface Instance {
  readonly child: Child;
  readonly url: string;
  readonly agent: Agent;
  ready: boolean;
}

const FOLLOW_MS = 50;

/** A balancer: sends each request to the next instance whose /health/ready said 200 when last asked. */
async function startBalancer(t: TestContext, instances: readonly Instance[]): Promise<string> {
  let turn = 0;
  const server = createServer((request, response) => {
    const ready = instances.filter((instance) => instance.ready);
    const instance = ready[turn++ % ready.length];
    if (instance === undefined) return void response.writeHead(502).end("nobody is ready");
    const onward = httpRequest(`${instance.url}${request.url}`, { agent: instance.agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    onward.on("error", (error) => response.writeHead(502).end(`${error}`));
    onward.end();
  });
  // A client that is slow to use a connection again on a machine under load must not meet its end.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const follow = setInterval(() => {
    for (const instance of instances) void ask(instance);
  }, FOLLOW_MS);
  t.after(() => {
    clearInterval(follow);
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(instance: Instance): Promise<void> {
  try {
    const response = await fetch(`${instance.url}/health/ready`);
    await response.text();
    instance.ready = response.status === 200;
  } catch {
    // No answer: it is gone.
    instance.ready = false;
  }
}

async function startInstance(t: TestContext, framework: string): Promise<Instance> {
  const child = startChild(t, "./service.ts", framework, "4000");
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  return { child, url: await child.line(0), agent, ready: false };
}

const FRAMEWORKS = ["fastify", "express"];
const isLeftOut = leftOut(FRAMEWORKS, 1);

for (const framework of FRAMEWORKS) {
  test(`A rolling restart on ${framework} under 500 requests/s with keep-alive fails no request`, {
    skip: isLeftOut(framework),
    timeout: 600_000,
  }, async (t) => {
    const instances = [await startInstance(t, framework), await startInstance(t, framework)];
    const url = await startBalancer(t, instances);
    await until(() => instances.every((instance) => instance.ready), "both instances are ready");

    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const failures: string[] = [];
    const pending = new Set<Promise<void>>();
    let served = 0;
    const send = (): Promise<void> =>
      new Promise((resolve) => {
        const failed = (why: unknown): void => {
          failures.push(String(why));
          resolve();
        };
        const request = get(`${url}/slow/20`, { agent }, (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (chunk) => {
            body += chunk;
          });
          response.on("end", () => {
            if (response.statusCode !== 200) return failed(`${response.statusCode} ${body}`);
            served++;
            resolve();
          });
        });
        request.on("error", failed);
      });
    // An open loop: five requests each 10 ms, whether or not the earlier ones have been answered.
    const load = setInterval(() => {
      for (let each = 0; each < 5; each++) {
        const one = send().finally(() => pending.delete(one));
        pending.add(one);
      }
    }, 10);
    t.after(() => clearInterval(load));
    const untilServed = (more: number): Promise<void> => {
      const enough = served + more;
      return until(() => served >= enough, `${more} more requests are served`);
    };

    for (const index of [0, 1]) {
      await untilServed(100);
      const old = instances[index] as Instance;
      const next = await startInstance(t, framework);
      instances.push(next);
      await until(() => next.ready, "the new instance is ready");
      old.child.process.kill("SIGTERM");
      assert.equal(await old.child.exit, 0);
    }
    await untilServed(100);
    clearInterval(load);
    await Promise.all(pending);
    assert.deepEqual(failures, []);
    assert.ok(served > 500, `${served}`);
  });
}
