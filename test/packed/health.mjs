import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createHealth } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";
import "@whodunit/health/testing";

const health = createHealth({ service: "alone", probes: [{ name: "yes", check: async () => {} }] });
const server = createServer(withHealth((_, response) => response.end(), { health }));
server.listen(0, "127.0.0.1", async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/health/live`);
  assert.equal(response.status, 200);
  assert.equal(existsSync("node_modules/pino"), false, "no logger comes with health");
  process.exit(0);
});
