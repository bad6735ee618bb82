import type * as t from "@babel/types";
import { ownSources, type Project, rangeOf, type Source } from "./project.ts";
import { lineOf, nameOf, textOf, walk } from "./syntax.ts";

/** What a service has already of what is fitted. */
export interface Seen {
  /** Places of routes that would answer in place of `/health/*`, or it in place of them. */
  readonly healthRoutes: readonly string[];
  /** Places where SIGTERM or SIGINT is handled. */
  readonly signals: readonly string[];
  /** How it writes its log, each with what becomes of it. */
  readonly loggers: readonly string[];
}

const OURS = /^\/health\/(?:status|ready|live|startup)\/?$/;
const PARTS = /^\/(?:status|ready|live|startup)\/?$/;
const LISTENS = /^(?:on|once|addListener|prependListener)$/;
const SIGNALS = /^SIG(?:TERM|INT)$/;
/** Packages that handle them for a service. */
const HANDLES_SIGNALS = /^(?:close-with-grace|lightship|@godaddy\/terminus|.+-graceful-shutdown)$/;
const ROUTES = /^(?:get|all|head|options|use|route)$/i;
const SECOND_LINE = "it writes a second line a request: take it out when you like";
const LOGGERS: readonly (readonly [name: string, becomes: string])[] = [
  ["pino-http", SECOND_LINE],
  ["nestjs-pino", SECOND_LINE],
  ["morgan", SECOND_LINE],
  ["express-winston", SECOND_LINE],
  ["pino", "its calls go on; logger.pino has the same methods"],
  ["winston", "its calls go on; docs/coming-from-winston.md has the helper that makes them lines of ours"],
  ["bunyan", "its calls go on; logger.pino has the same methods"],
  ["log4js", "its calls go on; docs/coming-from-winston.md has the helper that makes them lines of ours"],
];

/** Looks through a project's sources. */
export function lookAround(project: Project): Seen {
  const signals: string[] = [];
  const routes: string[] = [];
  const parts: string[] = [];
  const replaced: string[] = [];
  let mounted = false;
  let consoles = 0;
  for (const source of ownSources(project)) {
    const handing = [...source.imported.values()].find(({ module }) => HANDLES_SIGNALS.test(module));
    if (handing !== undefined) signals.push(`${source.path} by ${handing.module}`);
    walk(source.program, (node) => {
      if (node.type === "ObjectProperty" && /^(?:url|path|prefix)$/.test(nameOf(node.key))) {
        const text = node.value.type === "StringLiteral" ? node.value.value : "";
        if (OURS.test(text)) routes.push(placeOf(node, source));
        if (PARTS.test(text)) parts.push(placeOf(node, source));
        if (/^\/health\/?$/.test(text)) mounted = true;
      }
      if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
      const [first] = node.arguments;
      const text = first?.type === "StringLiteral" ? first.value : "";
      const method = nameOf(node.callee.property);
      const on = textOf(node.callee.object, source);
      if (on === "console") consoles++;
      if (method === "useLogger") replaced.push(placeOf(node, source));
      if (on === "process" && LISTENS.test(method) && isOfSignal(first, source))
        signals.push(placeOf(node, source));
      if (!ROUTES.test(method)) return;
      if (OURS.test(text)) routes.push(placeOf(node, source));
      if (PARTS.test(text)) parts.push(placeOf(node, source));
      if (method === "use" && /^\/health\/?$/.test(text)) mounted = true;
    });
  }
  const loggers = LOGGERS.filter(([name]) => rangeOf(project, name) !== undefined).map(
    ([name, becomes]) => `${name}: ${becomes}`,
  );
  for (const place of replaced)
    loggers.push(`useLogger() in ${place}: what Nest logs goes there, not to ours`);
  if (consoles > 0)
    loggers.push(
      `console, called at ${consoles} ${consoles === 1 ? "place" : "places"}: what it prints is not redacted`,
    );
  return { healthRoutes: [...routes, ...(mounted ? parts : [])], signals, loggers };
}

/** Whether an event's name is that of a signal that ends a process, or comes from a list of some. */
function isOfSignal(name: t.Node | undefined, { program }: Source): boolean {
  let found = false;
  if (name !== undefined)
    walk(name.type === "StringLiteral" ? name : program, (node) => {
      found ||= node.type === "StringLiteral" && SIGNALS.test(node.value);
    });
  return found;
}

function placeOf(node: t.Node, source: Source): string {
  return `${source.path}:${lineOf(node, source)}`;
}
