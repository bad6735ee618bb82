import { createServer } from "node:http";
import { withHealth } from "@whodunit/health/node";
import { withLogger } from "@whodunit/logger/node";
import { withTracing } from "@whodunit/tracing/node";
import next from "next";
import { health, inRequest, logger } from "./telemetry.js";

const app = next({ dev: false });
await app.prepare();
const answer = app.getRequestHandler();

const listener = (req, res) => inRequest.run({ req, res }, () => answer(req, res));
createServer(withTracing(withLogger(withHealth(listener, { health }), { logger }))).listen(
  Number(process.env.PORT ?? 8080),
);
