import type * as t from "@babel/types";
import type { Edit } from "./edit.ts";
import { type ErrorHandlerSite, findErrorHandler, handlesErrors, rootOf } from "./error-handlers.ts";
import type { App } from "./find-app.ts";
import { pair } from "./of-fastify.ts";
import type { Project, Source } from "./project.ts";
import {
  around,
  endOf,
  endOfStatement,
  nameOf,
  outOfBranches,
  startOf,
  textOf,
  unwrap,
  walk,
} from "./syntax.ts";

/** What registers something on an application, of its methods. */
const REGISTERS = /^(?:use|all|get|post|put|patch|delete|head|options|route|param)$/;
/** Calls that begin to serve, or look like it: what comes behind them is no route. */
const SERVES = /listen|start|serve|run|boot/i;

/** Fits an application of Express 4 or 5. Returns what is left to do by hand. */
export function fitExpress(
  app: App,
  project: Project,
  editOf: (source: Source) => Edit,
  module: string,
  prefix: string | undefined,
): string[] {
  const edit = editOf(app.source);
  const [healthRouter] = edit.import(["healthRouter"], "@whodunit/health/express");
  const handler = findErrorHandler(project, app.source, app.name);
  const registered = lastRegistration(app);
  // Of a route behind the handlers, the errors come past them.
  const isBehind =
    handler?.source === app.source &&
    registered !== undefined &&
    startOf(registered) > endOf(handler.call) &&
    !handlesErrors(registered, app.source, project);
  const last = handler === undefined || isBehind ? registered : undefined;
  const observesHere = handler?.source === app.source || last !== undefined;
  const [loggerMiddleware, observer = ""] = edit.import(
    observesHere ? ["loggerMiddleware", "observeExpressError"] : ["loggerMiddleware"],
    "@whodunit/logger/express",
  );
  const [tracingMiddleware] = edit.import(["tracingMiddleware"], "@whodunit/tracing/express");
  const [health = "", logger = ""] = edit.import(["health", "logger"], module);
  const under = prefix === undefined ? "" : `${edit.style.quote}${prefix}${edit.style.quote}, `;
  edit.addBehind(app.behind, startOf(app.statement), [
    `${app.name}.use(${tracingMiddleware}())`,
    `${app.name}.use(${loggerMiddleware}({ ${pair("logger", logger)} }))`,
    `${app.name}.use(${under}${healthRouter}({ ${pair("health", health)} }))`,
  ]);
  if (last !== undefined)
    edit.addBehind(endOfStatement(last, app.source), startOf(last), [`${app.name}.use(${observer})`]);
  if (handler !== undefined) {
    const there = handler.source === app.source ? edit : editOf(handler.source);
    const [name = ""] =
      there === edit ? [observer] : there.import(["observeExpressError"], "@whodunit/logger/express");
    observeBefore(handler, name, there, app.source.parents.get(app.statement));
    return [];
  }
  if (last !== undefined) return [];
  return [
    `behind the routes, and in front of what handles errors: ${app.name}.use(observeExpressError), from "@whodunit/logger/express". Where the routes end was not found`,
  ];
}

function observeBefore(
  { call, receiver, source }: ErrorHandlerSite,
  observer: string,
  edit: Edit,
  inside: t.Node | undefined,
): void {
  const own = source.parents.get(call);
  // In every branch: which handler answers may be asked of the environment.
  const statement = own && outOfBranches(own, inside, source);
  const block = statement && source.parents.get(statement);
  const isAlone =
    own?.type === "ExpressionStatement" &&
    (block?.type === "Program" || block?.type === "BlockStatement") &&
    rootOf(receiver) === receiver;
  if (statement !== undefined && isAlone)
    edit.addBefore(startOf(statement), `${textOf(receiver, source)}.use(${observer})`);
  // In a chain, or where one statement stands for a block.
  else edit.text.appendLeft(endOf(receiver), `.use(${observer})`);
}

/** The statement with which the last of an application's routes is registered, in its own source. */
function lastRegistration({ source, name, statement, behind }: App): t.Node | undefined {
  const found: t.Node[] = [];
  const steps: t.Node[] = [];
  const ownBlock = source.parents.get(statement);
  walk(source.program, (node) => {
    if (node.type !== "ExpressionStatement" || startOf(node) < behind) return;
    const call = unwrap(node.expression);
    if (call.type !== "CallExpression" || SERVES.test(textOf(call.callee, source).slice(-40))) return;
    const root = rootOf(call);
    const isOwn =
      textOf(root, source) === name &&
      call.callee.type === "MemberExpression" &&
      REGISTERS.test(nameOf(call.callee.property));
    const isHanded = call.arguments.some((argument) => textOf(unwrap(argument), source) === name);
    if (isOwn || isHanded) found.push(node);
    const isStep =
      name.startsWith("this.") &&
      call.callee.type === "MemberExpression" &&
      call.callee.object.type === "ThisExpression" &&
      source.parents.get(node) === ownBlock;
    if (isStep) steps.push(node);
  });
  // A class that registers in methods of its own calls them one by one.
  const own = [...(steps.length > 0 ? steps : found)].sort((a, b) => startOf(a) - startOf(b)).at(-1);
  if (own === undefined) return undefined;
  const last = outOfBranches(own, ownBlock, source);
  const block = source.parents.get(last);
  const inLoop = [...around(last, source)].some(({ type }) => /^(?:For|While|DoWhile)/.test(type));
  return (block?.type === "Program" || block?.type === "BlockStatement") && !inLoop ? last : undefined;
}
