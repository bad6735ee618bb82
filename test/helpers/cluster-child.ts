import cluster from "node:cluster";
import { createServer } from "node:http";
import { createLogger } from "@whodunit/logger";
import { withLogger } from "@whodunit/logger/node";

// As many workers as it is told, behind one port, which it prints when all of them listen.
if (cluster.isPrimary) {
  const count = Number(process.argv[2]);
  let listening = 0;
  for (let index = 0; index < count; index++) cluster.fork();
  cluster.on("listening", (_worker, { port }) => {
    if (++listening === count) process.stdout.write(`${port}\n`);
  });
  process.stdin.resume().on("end", () => process.exit());
} else {
  const logger = createLogger({ service: "clustered", level: "error", destination: { write: () => {} } });
  const server = createServer(withLogger((_request, response) => response.end(), { logger }));
  server.listen(0, "127.0.0.1");
}
