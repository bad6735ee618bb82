import type {
  ArgumentsHost,
  CallHandler,
  ExecutionContext,
  LoggerService,
  NestInterceptor,
} from "@nestjs/common";
import { BaseExceptionFilter } from "@nestjs/core";
import { createHealth, trafficProbe } from "@whodunit/health";
import { createLogger } from "@whodunit/logger";
import { setError } from "@whodunit/logger/node";
import { startTracing } from "@whodunit/tracing";
import { type Observable, tap } from "rxjs";

const service = "nest";
const { traffic } = startTracing({ service });

export const logger = createLogger({ service });
export const health = createHealth({ service, probes: [trafficProbe(traffic)] });

function tell(error: unknown, host: ArgumentsHost): void {
  if (host.getType() !== "http") return;
  const [request, response] = [host.getArgByIndex(0), host.getArgByIndex(1)];
  // On Fastify, Node's own stand in raw.
  setError(request.raw ?? request, response.raw ?? response, error);
}

/** Puts what a handler throws on the request's line, span and traffic. */
export class ErrorInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(tap({ error: (error: unknown) => tell(error, context) }));
  }
}

/** The same for what guards and middleware throw; answers as Nest does. */
export class ErrorFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    tell(error, host);
    super.catch(error, host);
  }
}

function write(
  level: "debug" | "info" | "warn" | "error" | "fatal",
  message: unknown,
  rest: unknown[],
): void {
  const context = rest.at(-1);
  const fields = { context, ...(rest.length > 1 ? { details: rest.slice(0, -1) } : {}) };
  if (message instanceof Error) logger.pino[level]({ ...fields, err: message });
  else if (typeof message === "string") logger.pino[level](fields, message);
  else logger.pino[level]({ ...fields, value: message });
}

/** Nest's own lines, and those of its Logger, as lines of ours. */
export const nestLogger: LoggerService = {
  log: (message, ...rest) => write("info", message, rest),
  fatal: (message, ...rest) => write("fatal", message, rest),
  error: (message, ...rest) => write("error", message, rest),
  warn: (message, ...rest) => write("warn", message, rest),
  debug: (message, ...rest) => write("debug", message, rest),
  verbose: (message, ...rest) => write("debug", message, rest),
};
