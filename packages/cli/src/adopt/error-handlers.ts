import type * as t from "@babel/types";
import { ownSources, type Project, type Source, sourceAt } from "./project.ts";
import { around, isFunction, nameOf, textOf, unwrap, walk } from "./syntax.ts";

/** Where an Express application is given a handler of errors: `use(…)`. */
export interface ErrorHandlerSite {
  readonly source: Source;
  readonly call: t.CallExpression;
  /** What `use` is called on. */
  readonly receiver: t.Node;
}

/**
 * Finds the first handler of errors that an application is given: in its own source, or where the application is handed
 * to a function of another.
 */
export function findErrorHandler(project: Project, own: Source, name: string): ErrorHandlerSite | undefined {
  const others = ownSources(project).filter((source) => source !== own);
  for (const source of [own, ...others]) {
    const sites: ErrorHandlerSite[] = [];
    walk(source.program, (node) => {
      if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
      if (nameOf(node.callee.property) !== "use") return;
      const { object } = node.callee;
      const on = rootOf(object);
      const isApp = source === own ? textOf(on, source) === name : isParameter(on, source);
      if (isApp && node.arguments.some((argument) => isErrorHandler(argument, source, project)))
        sites.push({ source, call: node, receiver: object });
    });
    // Of a chain, the outermost call comes first.
    const [first] = sites.sort((a, b) => (a.call.end ?? 0) - (b.call.end ?? 0));
    if (first !== undefined) return first;
  }
  return undefined;
}

/** Whether a statement gives something a handler of errors. */
export function handlesErrors(statement: t.Node, source: Source, project: Project): boolean {
  let found = false;
  walk(statement, (node) => {
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
    found ||=
      nameOf(node.callee.property) === "use" &&
      node.arguments.some((argument) => isErrorHandler(argument, source, project));
  });
  return found;
}

/** What a chain of calls such as `app.use(a).use(b)` begins with. */
export function rootOf(node: t.Node): t.Node {
  return node.type === "CallExpression" && node.callee.type === "MemberExpression"
    ? rootOf(node.callee.object)
    : node;
}

function isParameter(node: t.Node, source: Source): boolean {
  if (node.type !== "Identifier") return false;
  for (const one of around(node, source)) {
    if (!isFunction(one)) continue;
    const names = one.params.flatMap((parameter) =>
      parameter.type === "Identifier"
        ? [parameter.name]
        : parameter.type === "ObjectPattern"
          ? parameter.properties.map((property) =>
              property.type === "ObjectProperty" ? nameOf(property.value) : "",
            )
          : [],
    );
    // A plugin of a router has one too; what is called app or server is none.
    if (names.includes(node.name)) return !/router|route/i.test(node.name);
  }
  return false;
}

function isErrorHandler(argument: t.Node, source: Source, project: Project): boolean {
  const node = unwrap(argument);
  const found = functionOf(node, source, project);
  if (found !== undefined) return found.params.length === 4;
  // Of a package, or of what cannot be followed, only the name can be asked.
  const called = node.type === "CallExpression" ? node.callee : node;
  const text = textOf(called, source);
  return /err(?:or)?s?(?:$|[A-Z_.])|error/i.test(text) && !/not.?found|404|router|routes/i.test(text);
}

/** The function that an expression stands for, as far as it can be followed. */
function functionOf(node: t.Node, source: Source, project: Project): t.Function | undefined {
  if (isFunction(node)) return node;
  if (node.type === "Identifier") {
    const origin = source.imported.get(node.name);
    if (origin === undefined) return declared(node.name, source);
    const from = sourceAt(project, source.path, origin.module);
    return from && exportedFunction(origin.name, from);
  }
  if (node.type !== "MemberExpression" || node.computed) return undefined;
  const name = nameOf(node.property);
  if (node.object.type === "ThisExpression") return declared(name, source);
  const origin = node.object.type === "Identifier" ? source.imported.get(node.object.name) : undefined;
  const from = origin && sourceAt(project, source.path, origin.module);
  return from && declared(name, from);
}

function exportedFunction(name: string, source: Source): t.Function | undefined {
  if (name !== "*" && name !== "default") return declared(name, source);
  let found: t.Function | undefined;
  walk(source.program, (node) => {
    const value =
      node.type === "ExportDefaultDeclaration"
        ? node.declaration
        : node.type === "TSExportAssignment"
          ? node.expression
          : node.type === "AssignmentExpression" &&
              /^(?:module\.)?exports(?:\.default)?$/.test(textOf(node.left, source))
            ? node.right
            : undefined;
    if (value === undefined) return;
    const bare = unwrap(value);
    found ??= isFunction(bare) ? bare : bare.type === "Identifier" ? declared(bare.name, source) : undefined;
  });
  return found;
}

/** The function of a name in a source: declared, kept in a variable, or a member of a class or an object. */
function declared(name: string, source: Source): t.Function | undefined {
  let found: t.Function | undefined;
  walk(source.program, (node) => {
    if (found !== undefined) return;
    if (node.type === "FunctionDeclaration" && node.id?.name === name) found = node;
    if ((node.type === "ClassMethod" || node.type === "ObjectMethod") && nameOf(node.key) === name)
      found = node;
    const value =
      node.type === "VariableDeclarator" && nameOf(node.id) === name
        ? node.init
        : (node.type === "ObjectProperty" || node.type === "ClassProperty") && nameOf(node.key) === name
          ? node.value
          : node.type === "AssignmentExpression" &&
              node.left.type === "MemberExpression" &&
              nameOf(node.left.property) === name
            ? node.right
            : undefined;
    if (value == null) return;
    const bare = unwrap(value);
    if (isFunction(bare)) found = bare;
  });
  return found;
}
