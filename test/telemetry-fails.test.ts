import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const SERVICE = fileURLToPath(new URL("./helpers/failing-service.ts", import.meta.url));
const REQUESTS = 200;

for (const [collector, listen] of [
  ["is not there", closedPort],
  ["takes connections and never answers", silentPort],
] as const) {
  test(`a service whose collector ${collector}, whose probes, log and arguments are broken, keeps answering`, async (t) => {
    const service = fork(SERVICE, {
      // In production: a wrong name in a log call throws during development, and is normalised there.
      env: {
        ...process.env,
        NODE_ENV: "production",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await listen(t)}`,
        OTEL_BSP_SCHEDULE_DELAY: "50",
      },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    t.after(() => service.kill("SIGKILL"));
    const exit = once(service, "exit");
    const [urls] = (await once(service, "message")) as [Record<string, string>];
    for (const [framework, url] of Object.entries(urls)) {
      for (let sent = 0; sent < REQUESTS; sent++) {
        const response = await fetch(url);
        assert.equal(`${response.status} ${await response.text()}`, "200 ok", framework);
      }
      assert.equal((await fetch(`${url}/health/live`)).status, 200);
      assert.equal((await fetch(`${url}/health/ready`)).status, 200, "no probe is critical");
      const status = (await (await fetch(`${url}/health/status`)).json()) as {
        Name: string;
        Status: string;
      }[];
      assert.deepEqual(
        status.map(({ Name }) => Name),
        ["rejects", "throws", "hangs"],
      );
    }
    service.kill("SIGTERM");
    const [code] = await exit;
    assert.equal(code, 0);
  });
}

async function listenOn(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listenOn(server);
  server.close();
  return port;
}

async function silentPort(t: TestContext): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listenOn(server);
}
