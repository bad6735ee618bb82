import { posix } from "node:path";
import type * as t from "@babel/types";
import { ownSources, type Project, rangeOf, type Source } from "./project.ts";
import { Refusal } from "./refusal.ts";
import { around, endOfStatement, lineOf, nameOf, originOf, startOf, textOf, unwrap, walk } from "./syntax.ts";

/** A framework that is fitted. */
export type Framework = "Fastify" | "Express" | "Nest";

/** Where a service makes its application. */
export interface App {
  readonly framework: Framework;
  readonly source: Source;
  /** The call that makes it. */
  readonly call: t.CallExpression;
  /** What it is called there: `app`, `this.app`. */
  readonly name: string;
  /** The place behind which it is there, and what may be added; its line gives the indent. */
  readonly behind: number;
  readonly statement: t.Node;
}

interface Kind {
  readonly framework: Framework;
  readonly module: string;
  /** Which of the module's exports, or members of one, make an application. */
  readonly makers: readonly string[];
  readonly package: string;
  /** The oldest version that the plugins take. */
  readonly oldest: readonly [major: number, minor: number];
}

const KINDS: readonly Kind[] = [
  { framework: "Nest", module: "@nestjs/core", makers: ["create"], package: "@nestjs/core", oldest: [10, 0] },
  {
    framework: "Fastify",
    module: "fastify",
    makers: ["default", "*", "fastify"],
    package: "fastify",
    oldest: [5, 0],
  },
  { framework: "Express", module: "express", makers: ["default", "*"], package: "express", oldest: [4, 18] },
];
/** Methods that give back the application and of which none registers anything. */
const HARMLESS = /^(?:with|set|enable|disable)/;
const BY_HAND = "docs/getting-started.md shows what to add by hand, in fifteen lines.";

/**
 * Finds the one application of a project.
 *
 * @throws Refusal where there is none, more than one, or one that is kept under no name
 */
export function findApp(project: Project): App {
  const kind = KINDS.find((one) => rangeOf(project, one.package) !== undefined);
  if (kind === undefined) throw noFramework(project);
  checkVersion(kind, rangeOf(project, kind.package) as string);
  const calls = ownSources(project).flatMap((source) =>
    callsOf(source, kind).map((call) => ({ source, call })),
  );
  const places = calls.map(({ source, call }) => `${source.path}:${lineOf(call, source)}`);
  const apps = calls.filter(({ source, call }) => !isMounted(source, call));
  const [only, ...others] = apps;
  if (only === undefined || calls.length === 0) throw noApp(project, kind);
  if (others.length > 0)
    throw new Refusal(
      `there is more than one application of ${kind.framework}: ${places.join(", ")}`,
      `Which one answers requests is for you to say. ${oneOf(apps)}${BY_HAND}`,
    );
  return { framework: kind.framework, ...only, ...placeOf(only.source, only.call) };
}

/** How to say which of several applications is meant, where each has a folder of its own. */
function oneOf(apps: readonly { source: Source }[]): string {
  const folders = new Set(apps.map(({ source }) => posix.dirname(source.path)));
  // The longest has none of the others below it.
  const [longest] = [...folders].sort((a, b) => b.length - a.length);
  return folders.size === apps.length ? `Give its folder, as in "whodunit adopt ${longest}". ` : "";
}

function checkVersion({ framework, package: name, oldest }: Kind, range: string): void {
  const version = /(\d+)(?:\.(\d+))?/.exec(range);
  if (version === null) return;
  const [major, minor] = [Number(version[1]), Number(version[2] ?? Number.POSITIVE_INFINITY)];
  // `~4.16.1` lets in patches of 4.16 alone.
  if (major > oldest[0] || (major === oldest[0] && (minor >= oldest[1] || /^[\^>x*]/.test(range)))) return;
  throw new Refusal(
    `${name} is wanted as ${range}, and ${framework} ${oldest.join(".")} or newer is needed`,
    `Bring ${name} up to ${oldest.join(".")} first.`,
  );
}

function callsOf(source: Source, { module, makers, framework }: Kind): t.CallExpression[] {
  const calls: t.CallExpression[] = [];
  walk(source.program, (node) => {
    if (node.type !== "CallExpression") return;
    const { callee } = node;
    if (framework === "Nest") {
      if (callee.type !== "MemberExpression" || !makers.includes(nameOf(callee.property))) return;
      const factory = originOf(callee.object, source);
      if (factory?.module === module && factory.name === "NestFactory") calls.push(node);
      return;
    }
    const origin = originOf(callee, source);
    if (origin?.module === module && makers.includes(origin.name)) calls.push(node);
  });
  return calls;
}

// A part of another application: it is handed to that one's use().
function isMounted(source: Source, call: t.CallExpression): boolean {
  const name = keptAs(source, call);
  if (name === undefined) return false;
  let mounted = false;
  walk(source.program, (node) => {
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
    if (nameOf(node.callee.property) !== "use" || textOf(node.callee.object, source) === name) return;
    mounted ||= node.arguments.some((argument) => textOf(argument, source) === name);
  });
  return mounted;
}

function keptAs(source: Source, call: t.CallExpression): string | undefined {
  try {
    return placeOf(source, call).name;
  } catch {
    return undefined;
  }
}

/** Under which name the application is kept, and from where on. */
function placeOf(source: Source, call: t.CallExpression): Pick<App, "name" | "behind" | "statement"> {
  let name: string | undefined;
  let below: t.Node = call;
  for (const node of around(call, source)) {
    if (unwrap(node) === unwrap(below)) {
      below = node;
    } else if (node.type === "MemberExpression" && node.object === below) {
      if (!HARMLESS.test(nameOf(node.property))) break;
      below = node;
    } else if (node.type === "CallExpression" && node.callee === below) {
      below = node;
    } else if (node.type === "AssignmentExpression" && node.right === below && node.operator === "=") {
      if (node.left.type === "Identifier" || name === undefined) name = textOf(node.left, source);
      below = node;
    } else if (node.type === "VariableDeclarator" && node.id.type === "Identifier") {
      name = node.id.name;
      below = node;
    } else if (node.type === "ClassProperty" && node.value === below && !node.static && !node.computed) {
      return inConstructor(source, node);
    } else if (
      name !== undefined &&
      /^(?:VariableDeclaration|ExpressionStatement|ExportNamedDeclaration)$/.test(node.type)
    ) {
      below = node;
      const block = source.parents.get(node);
      if (block?.type === "ExportNamedDeclaration") continue;
      if (block?.type !== "Program" && block?.type !== "BlockStatement" && block?.type !== "SwitchCase")
        break;
      return { name, behind: endOfStatement(node, source), statement: node };
    } else {
      break;
    }
  }
  throw new Refusal(
    `the application of ${source.path}:${lineOf(call, source)} is kept under no name that plugins could be registered on`,
    `Give it one, as in "const app = …", and try again. ${BY_HAND}`,
  );
}

function inConstructor(
  source: Source,
  property: t.ClassProperty,
): Pick<App, "name" | "behind" | "statement"> {
  const body = source.parents.get(property);
  const members = body?.type === "ClassBody" ? body.body : [];
  const made = members.find((member) => member.type === "ClassMethod" && member.kind === "constructor");
  const name = `this.${nameOf(property.key)}`;
  if (made?.type !== "ClassMethod")
    throw new Refusal(
      `the class of ${source.path}:${lineOf(property, source)} has no constructor in which plugins could be registered on ${name}`,
      `Give it one and try again. ${BY_HAND}`,
    );
  const first = made.body.body[0];
  const isSuper =
    first?.type === "ExpressionStatement" &&
    first.expression.type === "CallExpression" &&
    first.expression.callee.type === "Super";
  const behind = isSuper ? endOfStatement(first, source) : startOf(made.body) + 1;
  return { name, behind, statement: first ?? made.body };
}

function noFramework(project: Project): Refusal {
  const asked = [
    "koa",
    "hono",
    "next",
    "@hapi/hapi",
    "restify",
    "@adonisjs/core",
    "@feathersjs/feathers",
    "polka",
  ].filter((name) => rangeOf(project, name) !== undefined);
  if (asked.length > 0)
    return new Refusal(
      `${asked[0]} is not fitted by this command, only Fastify, Express and Nest are`,
      "docs/frameworks.md shows how any listener of node:http is wrapped, in ten lines.",
    );
  return new Refusal(
    project.manifest.workspaces === undefined
      ? "package.json names neither fastify, express nor @nestjs/core"
      : "this is the root of a workspace, and adopt fits one service",
    project.manifest.workspaces === undefined
      ? "docs/frameworks.md shows how any listener of node:http is wrapped, in ten lines."
      : "Give the folder of one service.",
  );
}

function noApp(project: Project, { framework, package: name }: Kind): Refusal {
  const { scripts } = project.manifest as { scripts?: Record<string, unknown> };
  if (Object.values(scripts ?? {}).some((script) => /\bfastify start\b/.test(String(script))))
    return new Refusal(
      "fastify-cli makes the application, where its logger cannot be replaced",
      `Make it in a file of your own (const app = Fastify(); app.register(…)) and try again. ${BY_HAND}`,
    );
  const quiet = framework === "Nest" ? withoutHttp(project) : undefined;
  if (quiet !== undefined)
    return new Refusal(
      `the application of ${quiet} answers no HTTP`,
      "docs/frameworks.md shows what goes around the handler of a message.",
    );
  const unread = project.unread.length === 0 ? "" : `; not read: ${project.unread.join("; ")}`;
  return new Refusal(
    `no source makes an application of ${framework} by a call that is written out, though package.json names ${name}${unread}`,
    BY_HAND,
  );
}

/** Where Nest makes what has no server: a microservice, or a context for a command. */
function withoutHttp(project: Project): string | undefined {
  let found: string | undefined;
  for (const source of ownSources(project)) {
    walk(source.program, (node) => {
      if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
      if (!/^create(?:Microservice|ApplicationContext)$/.test(nameOf(node.callee.property))) return;
      if (originOf(node.callee.object, source)?.name === "NestFactory")
        found ??= `${source.path}:${lineOf(node, source)}`;
    });
  }
  return found;
}
