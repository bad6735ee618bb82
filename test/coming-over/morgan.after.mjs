import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import express from "express";

const logger = createLogger({ service: "web" });
const app = express();
app.use(loggerMiddleware({ logger }));
app.get("/users/:id", (_req, res) => res.send("ada"));
const server = app.listen(0, async () => {
  await (await fetch(`http://localhost:${server.address().port}/users/7`)).text();
  server.closeAllConnections();
  server.close();
});
