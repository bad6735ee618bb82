import type * as t from "@babel/types";
import type { Edit } from "./edit.ts";
import type { App } from "./find-app.ts";
import type { ModuleParts } from "./module-text.ts";
import { pair } from "./of-fastify.ts";
import { Refusal } from "./refusal.ts";
import { endOf, nameOf, startOf, textOf, walk } from "./syntax.ts";

/**
 * What Nest needs in the service's module: Nest's own lines as ours, and what tells a request's error. Nest answers errors
 * itself, so no middleware sees them: an interceptor sees what handlers throw, whichever filter answers, and a filter what
 * guards and middleware do, unless the service has one for all of its own.
 */
export const nestParts: ModuleParts = {
  imports: [
    [
      [
        "type ArgumentsHost",
        "type CallHandler",
        "type ExecutionContext",
        "type LoggerService",
        "type NestInterceptor",
      ],
      "@nestjs/common",
    ],
    [["BaseExceptionFilter"], "@nestjs/core"],
    [["setError"], "@whodunit/logger/node"],
    [["type Observable", "tap"], "rxjs"],
  ],
  text: `function tell(error: unknown, host: ArgumentsHost): void {
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

function write(level: "debug" | "info" | "warn" | "error" | "fatal", message: unknown, rest: unknown[]): void {
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
};`,
};

/** Fits an application of Nest, on Express or on Fastify. Returns what is left to do by hand. */
export function fitNest(app: App, edit: Edit, module: string, prefix: string | undefined): string[] {
  const { source, call, name, behind, statement } = app;
  if (!/\.[cm]?ts$/.test(source.path))
    throw new Refusal(
      `${source.path} is JavaScript, and Nest is fitted in TypeScript alone`,
      "docs/frameworks.md shows what Nest needs.",
    );
  const { quote } = edit.style;
  const added = isOnFastify(app) ? onFastify(app, edit, prefix) : onExpress(app, edit, prefix);
  const [ErrorFilter, ErrorInterceptor, health = "", logger = "", nestLogger = ""] = edit.import(
    ["ErrorFilter", "ErrorInterceptor", "health", "logger", "nestLogger"],
    module,
  );
  const hasLogger = giveLogger(call, nestLogger, edit);
  edit.addBehind(behind, startOf(statement), [
    ...(hasLogger ? [] : [`${name}.useLogger(${nestLogger})`]),
    ...added({ health, logger, quote }),
    `${name}.useGlobalFilters(new ${ErrorFilter}(${name}.getHttpAdapter()))`,
    `${name}.useGlobalInterceptors(new ${ErrorInterceptor}())`,
  ]);
  return [];
}

interface Locals {
  readonly health: string;
  readonly logger: string;
  readonly quote: string;
}

function onExpress({ name }: App, edit: Edit, prefix: string | undefined): (locals: Locals) => string[] {
  const [healthRouter] = edit.import(["healthRouter"], "@whodunit/health/express");
  const [loggerMiddleware] = edit.import(["loggerMiddleware"], "@whodunit/logger/express");
  const [tracingMiddleware] = edit.import(["tracingMiddleware"], "@whodunit/tracing/express");
  return ({ health, logger, quote }) => [
    `${name}.use(${tracingMiddleware}())`,
    `${name}.use(${loggerMiddleware}({ ${pair("logger", logger)} }))`,
    `${name}.use(${prefix === undefined ? "" : `${quote}${prefix}${quote}, `}${healthRouter}({ ${pair("health", health)} }))`,
  ];
}

function onFastify({ name }: App, edit: Edit, prefix: string | undefined): (locals: Locals) => string[] {
  const [healthPlugin] = edit.import(["healthPlugin"], "@whodunit/health/fastify");
  const [loggerPlugin] = edit.import(["loggerPlugin"], "@whodunit/logger/fastify");
  const [tracingPlugin] = edit.import(["tracingPlugin"], "@whodunit/tracing/fastify");
  return ({ health, logger, quote }) => [
    `await ${name}.register(${tracingPlugin})`,
    `await ${name}.register(${loggerPlugin}, { ${pair("logger", logger)} })`,
    `await ${name}.register(${healthPlugin}, { ${pair("health", health)}${prefix === undefined ? "" : `, prefix: ${quote}${prefix}${quote}`} })`,
  ];
}

/** Whether the application is made with Nest's adapter for Fastify. */
function isOnFastify({ source, call }: App): boolean {
  let isMade = false;
  walk(source.program, (node) => {
    if (node.type !== "NewExpression" || !/FastifyAdapter$/.test(textOf(node.callee, source))) return;
    isMade = true;
  });
  return isMade || /NestFastifyApplication/.test(textOf(call, source));
}

/** Gives Nest its logger among the options of `create()`; false where these are not written out. */
function giveLogger({ arguments: given }: t.CallExpression, nestLogger: string, edit: Edit): boolean {
  const last = given.at(-1);
  if (last === undefined) return false;
  const option = pair("logger", nestLogger);
  if (last.type === "ObjectExpression" && given.length > 1) {
    // A logger that the service has chosen stays.
    if (
      last.properties.some(
        (property) => property.type === "SpreadElement" || nameOf(property.key) === "logger",
      )
    )
      return true;
    const first = last.properties[0];
    if (first === undefined) edit.text.overwrite(startOf(last), endOf(last), `{ ${option} }`);
    else edit.text.appendLeft(startOf(first), `${option}, `);
    return true;
  }
  if (given.length > 1 && last.type !== "NewExpression") return false;
  edit.text.appendLeft(endOf(last), `, { ${option} }`);
  return true;
}
