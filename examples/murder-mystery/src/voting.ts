import { tcpProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { withSpan } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";
import { announce, setting, startService } from "./service.ts";

/** Counts the votes. */
const guilty = process.env.MURDERER === "voting";
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

async function writeBallot(choice: string): Promise<number> {
  return withSpan("write-ballot", async (span) => {
    span.setTag("choice", choice);
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

announce(await app.listen({ host: "127.0.0.1", port: 0 }));
