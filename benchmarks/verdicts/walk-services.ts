import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NOW, STARTED } from "../../packages/cli/test/helpers/fake-service.ts";
import { fleetSeries, PLANS } from "../../packages/cli/test/helpers/planned-fleet.ts";

// Started by walk.bench.ts: three hundred servers of one shape, of which the last leaf fails. Tells the entry's address.
const plan = PLANS[process.argv[2] as keyof typeof PLANS];
const servers: Server[] = [];
for (const _ of plan) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
}
const hostOf = (i: number): string => `127.0.0.1:${(servers[i]!.address() as AddressInfo).port}`;
const leaf = plan.findLastIndex((callees) => callees.length === 0);
for (const [i, series] of fleetSeries(plan, leaf, "fails", hostOf).entries()) {
  const own = { service: `s${i}`, instance: `s${i}`, version: null, startedAt: STARTED, now: NOW, series };
  const body = JSON.stringify(own);
  servers[i]!.on("request", (req, res) => {
    res.writeHead(req.url === "/debug/traffic" ? 200 : 404, { "content-type": "application/json" });
    res.end(req.url === "/debug/traffic" ? body : "{}");
  });
}
process.send!({ url: `http://${hostOf(0)}`, leaf: `s${leaf}` });
