import { Redis } from "ioredis";
import { createClient } from "redis";
import { redisProbe } from "../../../src/index.ts";
import { PASSWORD, proveDependency } from "../../helpers/dependency.ts";
import {
  findProgram,
  freePort,
  type RealServer,
  serverFolder,
  startServer,
} from "../../helpers/real-server.ts";

async function start(t: Parameters<typeof serverFolder>[0]): Promise<RealServer | undefined> {
  const command = findProgram(t, "redis-server", "redis-server");
  if (command === undefined) return undefined;
  const port = await freePort();
  const args = [
    "--port",
    `${port}`,
    "--bind",
    "127.0.0.1",
    "--requirepass",
    PASSWORD,
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  return startServer(t, serverFolder(t), port, { command, args });
}

proveDependency({
  name: "redisProbe() with the client of redis",
  login: true,
  start,
  async open(port, password) {
    const client = createClient({ password, socket: { host: "127.0.0.1", port, reconnectStrategy: 100 } });
    client.on("error", () => {});
    // With a wrong password connect() rejects, or never settles while the client goes on trying.
    void client.connect().catch(() => {});
    return { probe: redisProbe({ name: "redis", client }), close: () => client.destroy() };
  },
});

proveDependency({
  name: "redisProbe() with the client of ioredis",
  login: true,
  start,
  open(port, password) {
    const client = new Redis({ host: "127.0.0.1", port, password, retryStrategy: () => 100 });
    client.on("error", () => {});
    return { probe: redisProbe({ name: "redis", client }), close: () => client.disconnect() };
  },
});
