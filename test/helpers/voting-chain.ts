// A service for the tests of verdicts: `web` calls `voting` at UPSTREAM for each request; `voting` answers at once, or
// fails when its version is bad.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startTracing } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";

const { SERVICE = "voting", VERSION, UPSTREAM, FAILS } = process.env;
const tracing = startTracing({ service: SERVICE, ...(VERSION === undefined ? {} : { version: VERSION }) });

const server = createServer(
  withTracing(async (_request, response) => {
    try {
      const answer = UPSTREAM === undefined ? undefined : await fetch(UPSTREAM);
      await answer?.arrayBuffer();
      const isBad = FAILS === "true" || answer?.ok === false;
      response.writeHead(isBad ? 500 : 200).end();
    } catch {
      response.writeHead(502).end();
    }
  }),
);
await tracing;
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on("disconnect", () => process.exit(0));
