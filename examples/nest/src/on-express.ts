import type { INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { healthRouter } from "@whodunit/health/express";
import { loggerMiddleware } from "@whodunit/logger/express";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { App } from "./app.ts";
import { health, logger, nestLogger } from "./whodunit.ts";

export async function onExpress(): Promise<INestApplication> {
  const app = await NestFactory.create(App, { logger: nestLogger });
  app.use(tracingMiddleware());
  app.use(loggerMiddleware({ logger }));
  app.use(healthRouter({ health }));
  return app;
}
