import { httpProbe, serviceProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";
import { announce, setting, startService } from "./service.ts";

/** The front door: takes a vote, looks its emoji up, and hands it to `voting`. */
const emojiUrl = setting("EMOJI_URL");
const votingUrl = setting("VOTING_URL");

const { logger, health } = await startService("web", [
  serviceProbe({ name: "emoji", url: emojiUrl, intervalMs: 1_000 }),
  serviceProbe({ name: "voting", url: votingUrl, intervalMs: 1_000 }),
  httpProbe({
    name: "twodegrees/monetizer",
    url: `${emojiUrl}/health/live`,
    group: "external",
    intervalMs: 1_000,
  }),
]);
const log = logger.child("api").child("vote");

const app = Fastify(fastifyOptions({ logger }));
await app.register(tracingPlugin);
await app.register(loggerPlugin, { logger });
await app.register(healthPlugin, { health });

app.post<{ Body: { choice: string } }>("/api/vote", async (request, reply) => {
  // Everything the caller sent goes into the line; redaction takes out what has no place there.
  log.debug("received", { headers: request.headers, body: request.body });
  const emoji = await fetch(`${emojiUrl}/emoji/${request.body.choice}`);
  if (!emoji.ok) return reply.code(500).send({ error: "vote not counted" });
  const vote = await fetch(`${votingUrl}/votes/${request.body.choice}`, { method: "POST" });
  if (!vote.ok) return reply.code(500).send({ error: "vote not counted" });
  return { voted: await emoji.json() };
});

app.get("/api/leaderboard", async () => {
  const votes = await fetch(`${votingUrl}/votes`);
  return votes.json();
});

announce(await app.listen({ host: "127.0.0.1", port: 0 }));
