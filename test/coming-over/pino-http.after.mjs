import { createServer } from "node:http";
import { createLogger } from "@whodunit/logger";
import { withLogger } from "@whodunit/logger/node";

const logger = createLogger({ service: "web" });
const listener = (_req, res) => {
  logger.pino.info("found");
  res.end("ada");
};
const server = createServer(withLogger(listener, { logger })).listen(0, async () => {
  await (await fetch(`http://localhost:${server.address().port}/users/7`)).text();
  server.closeAllConnections();
  server.close();
});
