import { createServer } from "node:http";
import { createHealth } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";

let isWell = true;
async function check() {
  if (!isWell) throw new Error("db gone");
}
const health = createHealth({
  service: "web",
  probes: [{ name: "db", critical: true, check, intervalMs: 100, timeoutMs: 50, failAfter: 1 }],
});
const server = createServer(withHealth((_req, res) => res.end("hello"), { health }));
server.listen(0, async () => {
  const ask = async () => (await fetch(`http://localhost:${server.address().port}/health/ready`)).status;
  // Checks run in the background: what is asked is what is known.
  const told = (status) =>
    new Promise((resolve) => {
      const end = health.subscribe(({ to }) => {
        if (to !== status) return;
        end();
        resolve();
      });
    });
  while (health.entries()[0].status === "STARTING") await new Promise(setImmediate);
  const well = await ask();
  isWell = false;
  await told("ERROR");
  console.log(JSON.stringify([well, await ask()]));
  process.exit();
});
