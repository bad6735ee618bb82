import type * as t from "@babel/types";
import { type Project, type Source, sourceAt } from "./project.ts";
import { lineOf, nameOf, originOf, textOf, unwrap, walk } from "./syntax.ts";

/** A client of a database that a source makes once and hands out. */
export interface Database {
  readonly source: Source;
  /** What it is called where it is made. */
  readonly local: string;
  /** What others import it as; `default` for the module's one value. */
  readonly exported: string;
  readonly probe: string;
  /** What kind of server it talks to, such as `postgres`. */
  readonly kind: string;
  /** Whether the service is taken to need it: a cache it can do without. */
  readonly critical: boolean;
  /** Whether its driver tells nothing of its operations, so that the client is to be traced. */
  readonly silent: boolean;
}

/** What was seen of databases. */
export interface Databases {
  readonly certain: readonly Database[];
  /** Where others are made, which no module hands out: for the user to add. */
  readonly uncertain: readonly string[];
}

interface Kind {
  readonly modules: readonly string[];
  readonly makers: readonly string[];
  readonly probe: string;
  readonly kind: string;
  readonly critical: boolean;
  readonly silent: boolean;
}

const KINDS: readonly Kind[] = [
  {
    modules: ["pg"],
    makers: ["Pool"],
    probe: "postgresProbe",
    kind: "postgres",
    critical: true,
    silent: true,
  },
  {
    modules: ["mysql2", "mysql2/promise"],
    makers: ["createPool"],
    probe: "mysqlProbe",
    kind: "mysql",
    critical: true,
    silent: false,
  },
  {
    modules: ["ioredis"],
    makers: ["default", "*", "Redis"],
    probe: "redisProbe",
    kind: "redis",
    critical: false,
    silent: true,
  },
  {
    modules: ["redis"],
    makers: ["createClient"],
    probe: "redisProbe",
    kind: "redis",
    critical: false,
    silent: false,
  },
  {
    modules: ["mongodb"],
    makers: ["MongoClient"],
    probe: "mongodbProbe",
    kind: "mongodb",
    critical: true,
    silent: false,
  },
];

/** Looks for clients of databases in what the application's source brings in. */
export function findDatabases(project: Project, app: Source): Databases {
  const used = reachable(project, app);
  const certain: Database[] = [];
  const uncertain: string[] = [];
  for (const source of used) {
    walk(source.program, (node) => {
      if (node.type !== "NewExpression" && node.type !== "CallExpression") return;
      const origin = originOf(node.callee, source);
      const kind = KINDS.find(
        ({ modules, makers }) => origin && modules.includes(origin.module) && makers.includes(origin.name),
      );
      if (kind === undefined) return;
      const found = handedOut(node, source);
      // A module that brings the application in would bring itself in a circle.
      if (found !== undefined && source !== app && !reachable(project, source).has(app)) {
        const { probe, critical, silent } = kind;
        certain.push({ source, ...found, probe, kind: kind.kind, critical, silent });
      } else
        uncertain.push(
          `${kind.probe}({ name: "${kind.kind}", client }), for the client of ${source.path}:${lineOf(node, source)}`,
        );
    });
  }
  return { certain, uncertain };
}

/** All sources that one brings in, itself too. */
function reachable(project: Project, from: Source): Set<Source> {
  const seen = new Set([from]);
  for (const source of seen) {
    for (const specifier of specifiersOf(source)) {
      const next = sourceAt(project, source.path, specifier);
      if (next !== undefined) seen.add(next);
    }
  }
  return seen;
}

function specifiersOf(source: Source): string[] {
  const found: string[] = [];
  walk(source.program, (node) => {
    if (
      (node.type === "ImportDeclaration" && node.importKind !== "type") ||
      node.type === "ExportNamedDeclaration" ||
      node.type === "ExportAllDeclaration"
    ) {
      if (node.source != null) found.push(node.source.value);
    } else if (node.type === "CallExpression" && /^(?:require|import)$/.test(textOf(node.callee, source))) {
      const [argument] = node.arguments;
      if (argument?.type === "StringLiteral") found.push(argument.value);
    } else if (node.type === "ImportExpression" && node.source.type === "StringLiteral") {
      found.push(node.source.value);
    } else if (node.type === "TSExternalModuleReference" && node.expression.type === "StringLiteral") {
      found.push(node.expression.value);
    }
  });
  return found;
}

/** Under which name a value made at the top of a module leaves it. */
function handedOut(made: t.Node, source: Source): Pick<Database, "local" | "exported"> | undefined {
  let node: t.Node = made;
  let parent = source.parents.get(node);
  while (parent !== undefined && unwrap(parent) === unwrap(node)) {
    node = parent;
    parent = source.parents.get(node);
  }
  if (parent?.type === "ExportDefaultDeclaration") return { local: "client", exported: "default" };
  if (parent?.type === "AssignmentExpression") return exportedBy(textOf(parent.left, source), "client");
  if (parent?.type !== "VariableDeclarator" || parent.id.type !== "Identifier") return undefined;
  const declaration = source.parents.get(parent);
  const around = declaration && source.parents.get(declaration);
  const local = parent.id.name;
  if (around?.type === "ExportNamedDeclaration") return { local, exported: local };
  return around?.type === "Program" ? exportOf(local, source) : undefined;
}

function exportOf(local: string, source: Source): Pick<Database, "local" | "exported"> | undefined {
  for (const statement of source.program.body) {
    if (statement.type === "ExportDefaultDeclaration" && textOf(statement.declaration, source) === local)
      return { local, exported: "default" };
    if (statement.type === "TSExportAssignment" && textOf(statement.expression, source) === local)
      return { local, exported: "default" };
    if (statement.type === "ExportNamedDeclaration" && statement.source == null) {
      const found = statement.specifiers.find(
        (specifier) => specifier.type === "ExportSpecifier" && nameOf(specifier.local) === local,
      );
      if (found?.type === "ExportSpecifier") return { local, exported: nameOf(found.exported) };
    }
    if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression")
      continue;
    const { left, right } = statement.expression;
    const target = textOf(left, source);
    if (textOf(right, source) === local) return exportedBy(target, local);
    if (target !== "module.exports" || right.type !== "ObjectExpression") continue;
    const property = right.properties.find(
      (one) => one.type === "ObjectProperty" && textOf(one.value, source) === local,
    );
    if (property?.type === "ObjectProperty") return { local, exported: nameOf(property.key) };
  }
  return undefined;
}

function exportedBy(target: string, local: string): Pick<Database, "local" | "exported"> | undefined {
  if (target === "module.exports") return { local, exported: "default" };
  const name = /^(?:module\.)?exports\.([\w$]+)$/.exec(target)?.[1];
  return name === undefined ? undefined : { local, exported: name };
}
