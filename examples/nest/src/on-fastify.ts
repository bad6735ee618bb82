import type { INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { healthPlugin } from "@whodunit/health/fastify";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { App } from "./app.ts";
import { health, logger, nestLogger } from "./whodunit.ts";

export async function onFastify(): Promise<INestApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
    logger: nestLogger,
  });
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger });
  await app.register(healthPlugin, { health });
  return app;
}
