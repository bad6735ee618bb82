import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGuard } from "../../src/index.ts";

// Answers 200 to whom the guard admits, else 403.
const guard = createGuard();
const server = createServer(async (request, response) => {
  response.statusCode = (await guard.admits(request)) ? 200 : 403;
  response.end();
}).listen(0, "127.0.0.1", () => process.stdout.write(String((server.address() as AddressInfo).port)));
