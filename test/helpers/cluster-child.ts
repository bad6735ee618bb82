import cluster from "node:cluster";
import { createServer } from "node:http";
import { createHealth } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";
import { createLogger } from "@whodunit/logger";
import { withLogger } from "@whodunit/logger/node";
import { startTracing } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";

// As many workers as it is told, behind one port, which it prints when all of them listen, and each worker's pid
// after it; of the second, the probe fails. Says "exit" when it knows that one is gone.
if (cluster.isPrimary) {
  const count = Number(process.argv[2]);
  let listening = 0;
  let pids = "";
  for (let index = 0; index < count; index++) cluster.fork();
  cluster.on("listening", (worker, { port }) => {
    pids += ` ${worker.process.pid}`;
    if (++listening === count) process.stdout.write(`${port}${pids}\n`);
  });
  cluster.on("exit", () => process.stdout.write("exit\n"));
  process.stdin.resume().on("end", () => process.exit());
} else {
  // Of all workers one: only their numbers tell them apart.
  process.env.OTEL_RESOURCE_ATTRIBUTES = "service.instance.id=one";
  process.env.OTEL_TRACES_EXPORTER = "none";
  startTracing({ service: "clustered" });
  const logger = createLogger({ service: "clustered", level: "error", destination: { write: () => {} } });
  const answer = withLogger((_request, response) => response.end(), { logger });
  const health = createHealth({
    service: "clustered",
    probes: [
      {
        name: "orders-db",
        critical: true,
        failAfter: 1,
        check: () => {
          if (cluster.worker?.id === 2) throw new Error("the pool is closed");
        },
      },
    ],
  });
  const server = createServer(withHealth(withTracing(answer, { profile: true }), { health }));
  server.listen(0, "127.0.0.1");
}
