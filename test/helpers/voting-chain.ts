// A service for the tests of verdicts: `web` calls `voting` at UPSTREAM for each request; `voting` answers at once, or
// fails when its version is bad. Where CLOCK_MS is set, its spans stay in it, and its clock stands still at that moment, in
// milliseconds since 1970, but for the milliseconds that it is told to go on by.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startTracing } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { FakeClock, recordTracing } from "@whodunit/tracing/testing";

const { SERVICE = "voting", VERSION, UPSTREAM, FAILS, CLOCK_MS } = process.env;
const options = { service: SERVICE, ...(VERSION === undefined ? {} : { version: VERSION }) };
if (CLOCK_MS === undefined) await startTracing(options);
else {
  const clock = new FakeClock(Number(CLOCK_MS));
  recordTracing({ ...options, clock });
  process.on("message", async (ms: number) => {
    await clock.advance(ms);
    process.send?.("done");
  });
}

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
// Whoever is slow to use a connection again on a machine under load must not meet its end.
server.keepAliveTimeout = 72_000;
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on("disconnect", () => process.exit(0));
