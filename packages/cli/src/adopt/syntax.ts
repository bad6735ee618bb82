import { parse } from "@babel/parser";
import type * as t from "@babel/types";

/** A source file, parsed. */
export interface Syntax {
  readonly text: string;
  readonly program: t.Program;
  readonly parents: ReadonlyMap<t.Node, t.Node>;
  /** What names of the file stand for, where they come from a module. */
  readonly imported: ReadonlyMap<string, Origin>;
}

/** What a name was imported from: `*` is the module itself, as of `require()`. */
export interface Origin {
  readonly module: string;
  readonly name: string;
}

/**
 * Reads JavaScript or TypeScript, as the file's ending says; nothing of it is run.
 *
 * @throws SyntaxError where it is neither
 */
export function readSyntax(path: string, text: string): Syntax {
  const typed = /\.[cm]?tsx?$/.test(path);
  const jsx = /\.(?:[jt]sx|[cm]?js)$/.test(path);
  const { program } = parse(text, {
    sourceType: "unambiguous",
    allowReturnOutsideFunction: true,
    // Decorators of parameters, as Nest has them.
    plugins: [
      "decorators-legacy",
      ...(typed ? (["typescript"] as const) : []),
      ...(jsx ? (["jsx"] as const) : []),
    ],
  });
  const parents = new Map<t.Node, t.Node>();
  const imported = new Map<string, Origin>();
  walk(program, (node, parent) => {
    if (parent !== undefined) parents.set(node, parent);
    for (const [local, origin] of originsOf(node)) imported.set(local, origin);
  });
  return { text, program, parents, imported };
}

/** Visits a node and all below it, parents first, in the order of the text. */
export function walk(node: t.Node, visit: (node: t.Node, parent?: t.Node) => void, parent?: t.Node): void {
  visit(node, parent);
  for (const [key, value] of Object.entries(node)) {
    if (key === "loc" || key === "extra" || key.endsWith("Comments")) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node);
    }
  }
}

function isNode(value: unknown): value is t.Node {
  return typeof value === "object" && value !== null && typeof (value as t.Node).type === "string";
}

function originsOf(node: t.Node): [string, Origin][] {
  if (node.type === "ImportDeclaration") {
    const module = node.source.value;
    return node.specifiers.map((specifier) => [
      specifier.local.name,
      {
        module,
        name:
          specifier.type === "ImportDefaultSpecifier"
            ? "default"
            : specifier.type === "ImportNamespaceSpecifier"
              ? "*"
              : nameOf(specifier.imported),
      },
    ]);
  }
  if (
    node.type === "TSImportEqualsDeclaration" &&
    node.moduleReference.type === "TSExternalModuleReference"
  ) {
    const { expression } = node.moduleReference;
    return expression.type === "StringLiteral"
      ? [[node.id.name, { module: expression.value, name: "*" }]]
      : [];
  }
  if (node.type !== "VariableDeclarator" || node.init == null) return [];
  const origin = requiredBy(node.init);
  if (origin === undefined) return [];
  if (node.id.type === "Identifier") return [[node.id.name, origin]];
  if (node.id.type !== "ObjectPattern") return [];
  return node.id.properties.flatMap((property): [string, Origin][] =>
    property.type === "ObjectProperty" && property.value.type === "Identifier"
      ? [[property.value.name, { module: origin.module, name: nameOf(property.key) }]]
      : [],
  );
}

/** What `require("x")`, `await import("x")` or a member of these brings. */
function requiredBy(node: t.Node): Origin | undefined {
  const bare = unwrap(node);
  if (bare.type === "MemberExpression" && !bare.computed) {
    const origin = requiredBy(bare.object);
    return origin?.name === "*" ? { module: origin.module, name: nameOf(bare.property) } : undefined;
  }
  const argument =
    bare.type === "CallExpression" && bare.callee.type === "Identifier" && bare.callee.name === "require"
      ? bare.arguments[0]
      : bare.type === "ImportExpression"
        ? bare.source
        : undefined;
  return argument?.type === "StringLiteral" ? { module: argument.value, name: "*" } : undefined;
}

/** What an expression stands for, where that comes from a module: a name, a member of one, or a `require()` itself. */
export function originOf(node: t.Node, { imported }: Pick<Syntax, "imported">): Origin | undefined {
  const bare = unwrap(node);
  if (bare.type === "Identifier") return imported.get(bare.name);
  if (bare.type === "MemberExpression" && !bare.computed && bare.object.type === "Identifier") {
    const origin = imported.get(bare.object.name);
    if (origin?.name === "*" || origin?.name === "default")
      return { module: origin.module, name: nameOf(bare.property) };
  }
  return requiredBy(bare);
}

/** An expression without what TypeScript, parentheses or `await` put around it. */
export function unwrap(node: t.Node): t.Node {
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return unwrap(node.expression);
    case "AwaitExpression":
      return unwrap(node.argument);
    default:
      return node;
  }
}

/** A key or a member's name, as far as it is written out. */
export function nameOf(node: t.Node): string {
  if (node.type === "Identifier") return node.name;
  return node.type === "StringLiteral" ? node.value : "";
}

/** Where a node begins. The parser gives both ends of all that it reads. */
export function startOf(node: t.Node): number {
  return node.start ?? 0;
}

/** Where a node ends. */
export function endOf(node: t.Node): number {
  return node.end ?? 0;
}

/**
 * Where a statement ends. A semicolon that begins a line belongs to what follows, as in `;[1, 2].forEach(…)`: without semicolons
 * it is written so, and parsed as the end of the statement before.
 */
export function endOfStatement(node: t.Node, { text }: Pick<Syntax, "text">): number {
  const end = endOf(node);
  if (!/\n[\t ]*;$/.test(text.slice(startOf(node), end))) return end;
  let last: t.Node | null | undefined;
  if (node.type === "VariableDeclaration") last = node.declarations.at(-1);
  else if (node.type === "ExpressionStatement") last = node.expression;
  else if (node.type === "ImportDeclaration") last = node.source;
  else if (node.type === "Directive") last = node.value;
  else if (node.type === "ExportNamedDeclaration") last = node.declaration;
  if (last == null) return end;
  const inner = endOfStatement(last, { text });
  // Parentheses around an expression are no part of it.
  return inner + (/^(?:\s*\))*/.exec(text.slice(inner, end))?.[0].length ?? 0);
}

/** Whether the code at a place would go on with a statement that ends in front of it without a semicolon. */
export function goesOn({ text }: Pick<Syntax, "text">, place: number): boolean {
  return /^(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:[([`+-]|\/(?![/*]))/.test(text.slice(place));
}

/** The text of a node. */
export function textOf(node: t.Node, { text }: Pick<Syntax, "text">): string {
  return text.slice(startOf(node), endOf(node));
}

/** Whether a node is a function of any kind. */
export function isFunction(node: t.Node): node is t.Function {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression" ||
    node.type === "ObjectMethod" ||
    node.type === "ClassMethod" ||
    node.type === "ClassPrivateMethod"
  );
}

/** The nodes around one, from near to far. */
export function* around(node: t.Node, { parents }: Pick<Syntax, "parents">): Generator<t.Node> {
  for (let at = parents.get(node); at !== undefined; at = parents.get(at)) yield at;
}

/**
 * The statement that a statement stands in, out of branches that may not be taken, inside of the same function: of what stands in
 * an `if`, that `if`.
 *
 * @param inside a block that is not left, such as the one in which a name is known
 */
export function outOfBranches(
  statement: t.Node,
  inside: t.Node | undefined,
  source: Pick<Syntax, "parents">,
): t.Node {
  let out = statement;
  for (const node of around(statement, source)) {
    if (
      node === inside ||
      !/^(?:BlockStatement|IfStatement|TryStatement|CatchClause|SwitchCase|SwitchStatement)$/.test(node.type)
    )
      break;
    if (/^(?:If|Try|Switch)Statement$/.test(node.type)) out = node;
  }
  return out;
}

/** The line of a place, counted from 1. */
export function lineOf(node: t.Node, { text }: Pick<Syntax, "text">): number {
  return text.slice(0, startOf(node)).split("\n").length;
}
