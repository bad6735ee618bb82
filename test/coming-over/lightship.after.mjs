import { createServer } from "node:http";
import { createHealth } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";

let isUp = false;
const health = createHealth({
  service: "web",
  probes: [
    { name: "started", critical: true, check: () => isUp, intervalMs: 100, timeoutMs: 50, recoverAfter: 1 },
  ],
});
const server = createServer(withHealth((_req, res) => res.end("hello"), { health }));
server.listen(0, async () => {
  const ask = async () => (await fetch(`http://localhost:${server.address().port}/health/ready`)).status;
  const before = await ask();
  isUp = true;
  let after = before;
  // The check runs in the background, ten times a second.
  while (after === before) after = await ask();
  console.log(JSON.stringify([before, after]));
  process.exit();
});
