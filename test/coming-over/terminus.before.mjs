import { createServer } from "node:http";
import { createTerminus } from "@godaddy/terminus";

let isWell = true;
async function check() {
  if (!isWell) throw new Error("db gone");
}
const server = createServer((_req, res) => res.end("hello"));
createTerminus(server, { healthChecks: { "/healthz": check }, logger: () => {} });
server.listen(0, async () => {
  const ask = async () => (await fetch(`http://localhost:${server.address().port}/healthz`)).status;
  const well = await ask();
  isWell = false;
  console.log(JSON.stringify([well, await ask()]));
  process.exit();
});
