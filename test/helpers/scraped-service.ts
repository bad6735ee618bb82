import type { TestContext } from "node:test";
import { createHealth } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { startTracing } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";

/** Opens `/debug/traffic` of {@link startScraped}. */
export const SCRAPE_TOKEN = "a-token-for-the-scraper";

/** Starts a service `web` with a probe `db`, a route that answers and one that fails; gives its address. */
export async function startScraped(t: TestContext): Promise<string> {
  const tracing = startTracing({ service: "web", exporters: [] });
  t.after(() => tracing.close());
  const app = Fastify();
  t.after(() => app.close());
  const health = createHealth({ service: "web", probes: [{ name: "db", check: () => {} }] });
  t.after(() => health.close());
  await app.register(tracingPlugin, { token: SCRAPE_TOKEN });
  await app.register(healthPlugin, { health });
  app.get("/votes/:code", () => "");
  app.get("/fails", (_request, reply) => reply.code(500).send());
  return app.listen({ host: "127.0.0.1", port: 0 });
}
