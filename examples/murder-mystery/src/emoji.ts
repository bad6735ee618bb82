import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tcpProbe } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { loggerMiddleware } from "@whodunit/logger/express";
import { withSpan } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import express from "express";
import { announce, setting, startService } from "./service.ts";

/** The catalogue of emoji. */
const EMOJI: Readonly<Record<string, string>> = {
  joy: "😂",
  sushi: "🍣",
  wave: "👋",
  pizza: "🍕",
  doughnut: "🍩",
};
const guilty = process.env.MURDERER === "emoji";
const collector = new URL(setting("OTEL_EXPORTER_OTLP_ENDPOINT"));

const { logger, health } = await startService("emoji", [
  tcpProbe({ name: "collector", host: collector.hostname, port: Number(collector.port), intervalMs: 1_000 }),
]);

const app = express();
app.use(tracingMiddleware());
app.use(loggerMiddleware({ logger }));
app.use(healthRouter({ health }));

app.get("/emoji/:shortcode", async (request, response) => {
  const { shortcode } = request.params;
  const picture = await withSpan("find-picture", async (span) => {
    span.setTag("shortcode", shortcode);
    if (guilty && shortcode === "doughnut") throw new Error("the picture has been eaten");
    return EMOJI[shortcode];
  });
  if (picture === undefined) response.status(404).json({ error: "no such emoji" });
  else response.json({ shortcode, picture });
});

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
