import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { block } from "../../../../test/helpers/block.ts";
import { createHealth, httpProbe, tcpProbe } from "../../src/index.ts";
import { withHealth } from "../../src/node.ts";
import { createScriptedProbe, type ScriptStep } from "../../src/testing.ts";

/**
 * A service under watch, run as a child process: `monitored.ts [port of an HTTP server that it needs]`. It prints its
 * address, then each line that health logs. `GET /db/<step>` has its probe `db` do that from then on, `GET /block/<ms>`
 * blocks the event loop, any other path says "web".
 */
const needed = process.argv[2];
const often = { intervalMs: 200, timeoutMs: 100, failAfter: 1, recoverAfter: 1 };
const db = createScriptedProbe({ name: "db", critical: true, ...often });
const partner = createScriptedProbe({ name: "partner", group: "external", ...often });
// A machine under load may hold another process up for some 100 ms, and then that is at fault.
const patiently = { intervalMs: 1_100, timeoutMs: 1_000, failAfter: 1, recoverAfter: 1 };
const url = `http://127.0.0.1:${needed}/`;
const neighbours =
  needed === undefined
    ? []
    : [
        httpProbe({ name: "http", url, critical: true, ...patiently }),
        tcpProbe({ name: "tcp", host: "127.0.0.1", port: Number(needed), ...patiently }),
        {
          name: "own time-out",
          ...patiently,
          // An application's own client has a time of its own, which a standstill uses up too.
          check: async () => (await fetch(url, { signal: AbortSignal.timeout(900) })).text(),
        },
      ];
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const health = createHealth({
  service: "web",
  probes: [db.probe, partner.probe, ...neighbours],
  drainDelayMs: 600_000,
  authorize: (request) => request.headers.authorization === "Bearer right-token",
  logger: { error: (name) => print(`error ${name}`), debug: (name) => print(`debug ${name}`) },
});
const server = createServer(
  withHealth(
    (request, response) => {
      const [, action, value] = (request.url ?? "").split("/");
      if (action === "db") {
        db.play(value as ScriptStep);
        if (value !== "HANG") db.release();
      }
      response.end("web");
      if (action === "block") {
        setImmediate(block, Number(value));
      }
    },
    { health },
  ),
);
// A connection that was idle while the loop was blocked is closed before the requests that came by it are read.
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => print(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
