import { Agent, get } from "node:http";
import type { AddressInfo } from "node:net";
import { growthPath } from "./growth-path.ts";
import { newFastify } from "./set-up.ts";
import { whodunit } from "./whodunit.ts";

// A service that is large in one way: so many ROUTES, CALLEES and PROBES. With TELEMETRY=none it is the framework alone.
const { ROUTES = "10", CALLEES = "0", PROBES = "1", CALLEE_PORT, TELEMETRY, TREE = "" } = process.env;
const [routes, callees, probes] = [ROUTES, CALLEES, PROBES].map(Number) as [number, number, number];
const { app, log } =
  TELEMETRY === "none" ? { app: newFastify(), log: () => {} } : await whodunit(TREE, true, probes).fastify();
const agent = new Agent({ keepAlive: true });
let calls = 0;

for (let index = 0; index < routes; index++) {
  app.get<{ Params: { id: string } }>(growthPath(index, ":id"), async (request) => {
    log(request as never, { AccountID: request.params.id, action: "invoice.list" });
    if (callees > 0) await call(1 + (calls++ % callees));
    return { account: request.params.id };
  });
}

/** Calls one of the callees: all of loopback's addresses lead to the one server. */
function call(callee: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: `127.0.0.${callee}`, port: CALLEE_PORT, agent }, (response) => {
      response.resume().on("end", resolve);
    });
    request.on("error", reject);
  });
}

await app.listen({ port: 0, host: "127.0.0.1" });
process.send?.({ port: (app.server.address() as AddressInfo).port });
