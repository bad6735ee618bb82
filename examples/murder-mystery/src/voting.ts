import { tcpProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { describeRequest, withSpan } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";
import { announce, setting, startService } from "./service.ts";

/** Counts the votes. */
const murderer = process.env.MURDERER;
const version = process.env.VERSION;
const guilty = murderer === "voting" || (murderer === "bad-deploy" && version === "1.8.3");
let isBlocked = false;
process.on("message", (word) => {
  isBlocked = word === "block";
});
const collector = new URL(setting("OTEL_EXPORTER_OTLP_ENDPOINT"));
const votes = new Map<string, number>();

const { logger, health } = await startService("voting", [
  tcpProbe({ name: "collector", host: collector.hostname, port: Number(collector.port), intervalMs: 1_000 }),
]);

const app = Fastify(fastifyOptions({ logger }));
await app.register(tracingPlugin);
await app.register(loggerPlugin, { logger });
await app.register(healthPlugin, { health });

class BallotError extends Error {
  override readonly name = "BallotError";
}

/** Holds the event loop, as a loop over all ballots would. */
function countAllAgain(): number {
  const end = performance.now() + 120;
  let sum = 0;
  while (performance.now() < end) for (const count of votes.values()) sum += count;
  return sum;
}

async function writeBallot(choice: string): Promise<number> {
  return withSpan("write-ballot", async (span) => {
    span.setTag("choice", choice);
    describeRequest({ sweet: choice === "doughnut" });
    if (isBlocked) countAllAgain();
    if (guilty && choice === "doughnut") throw new BallotError("the ballot paper is full of sugar");
    const count = (votes.get(choice) ?? 0) + 1;
    votes.set(choice, count);
    return count;
  });
}

app.post<{ Params: { choice: string } }>("/votes/:choice", async (request) => {
  const { choice } = request.params;
  return { count: await withSpan("count-vote", () => writeBallot(choice)) };
});

app.get("/votes", () => Object.fromEntries(votes));

announce(await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 0) }));
