import { Redis } from "ioredis";
import { createClient } from "redis";
import { startRedis } from "../../../../../test/helpers/real-services.ts";
import { redisProbe } from "../../../src/index.ts";
import { proveDependency } from "../../helpers/dependency.ts";

proveDependency({
  name: "redisProbe() with the client of redis",
  login: true,
  start: startRedis,
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
  start: startRedis,
  open(port, password) {
    const client = new Redis({ host: "127.0.0.1", port, password, retryStrategy: () => 100 });
    client.on("error", () => {});
    return { probe: redisProbe({ name: "redis", client }), close: () => client.disconnect() };
  },
});
