import { createHealth, trafficProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { startTracing } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";

/**
 * A service of the documents' examples, by its name in the first argument: `web` asks `voting`, which fails votes for the
 * doughnut, and `emoji` is asked by nobody. It tells its parent where it answers. `vote-bot` votes by what its parent sends.
 */
const [, , service = ""] = process.argv;
process.on("disconnect", () => process.exit());

class DoughnutError extends Error {
  override readonly name = "DoughnutError";
}

const tracing = startTracing({ service });
const logger = createLogger({ service });

if (service === "vote-bot") {
  process.on("message", async ({ web, votes }: { web: string; votes: readonly string[] }) => {
    for (const shortcode of votes) await (await fetch(`${web}/api/vote?choice=${shortcode}`)).arrayBuffer();
    await tracing.flush();
    process.send?.("voted");
  });
  process.send?.("ready");
} else {
  const app = Fastify(fastifyOptions({ logger }));
  const health = createHealth({ service, probes: [trafficProbe(tracing.traffic)] });
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger });
  await app.register(healthPlugin, { health });
  app.get("/leaderboard", () => ({}));
  app.post<{ Params: { shortcode: string } }>("/votes/:shortcode", ({ params }) => {
    if (params.shortcode === "doughnut") throw new DoughnutError("no doughnuts");
    return {};
  });
  app.get<{ Querystring: { choice: string } }>("/api/vote", async ({ query }, reply) => {
    const answer = await fetch(`${process.env.VOTING_URL}/votes/${query.choice}`, { method: "POST" });
    return reply.code(answer.status).send(await answer.json());
  });
  process.send?.(await app.listen({ host: "127.0.0.1", port: 0 }));
}
