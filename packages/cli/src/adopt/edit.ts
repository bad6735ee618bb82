import MagicString from "magic-string";
import type { Project, Source } from "./project.ts";
import { importLine, type Style, styleOf } from "./style.ts";
import { endOfStatement, goesOn, startOf, walk } from "./syntax.ts";

/** Changes of one source, gathered. */
export class Edit {
  readonly source: Source;
  readonly style: Style;
  readonly text: MagicString;
  readonly #taken: ReadonlySet<string>;
  readonly #imports: string[] = [];

  constructor(source: Source, project: Project) {
    this.source = source;
    this.style = styleOf(source, project);
    this.text = new MagicString(source.text);
    this.#taken = namesIn(source);
  }

  /** Imports names, each under another where the source has that one already. Returns what they are called there. */
  import(names: readonly string[], from: string): string[] {
    const locals = names.map((name) => (this.#taken.has(name) ? free(name, this.#taken) : name));
    const listed = names.map((name, index) =>
      locals[index] === name ? name : `${name} as ${locals[index]}`,
    );
    this.#imports.push(importLine(listed, from, this.style));
    return locals;
  }

  /** Adds statements behind a place, on lines of their own, indented as the line of `like`. */
  addBehind(place: number, like: number, statements: readonly string[]): void {
    const { newline, end } = this.style;
    const indent = this.#indentAt(like);
    // A comment behind a statement stays with it.
    const rest = /^[\t ]*(?:\/\/[^\r\n]*)?/.exec(this.source.text.slice(place))?.[0] ?? "";
    const at = rest.includes("//") ? place + rest.length : place;
    const block = statements.map((statement) => `${newline}${indent}${statement}${end}`).join("");
    this.text.appendLeft(at, this.#closed(block, at));
  }

  /** Adds a statement in front of a place, on a line of its own. */
  addBefore(place: number, statement: string): void {
    const { newline, end } = this.style;
    const closed = this.#closed(`${statement}${end}`, place);
    this.text.appendLeft(place, `${closed}${newline}${this.#indentAt(place)}`);
  }

  /** Statements with a semicolon behind the last, where what follows would be taken for a part of it. */
  #closed(statements: string, place: number): string {
    return this.style.end === "" && goesOn(this.source, place) ? `${statements};` : statements;
  }

  /** The source with all changes, its imports behind those that stand at its top. */
  finish(): string {
    const { newline } = this.style;
    const block = this.#imports.join(newline);
    const last = lastImport(this.source);
    if (block === "") return this.text.toString();
    if (last !== undefined) {
      this.#addImports(last, `${newline}${block}`);
    } else {
      const { program } = this.source;
      const first = program.body[0];
      const directive = program.directives.at(-1);
      const place =
        directive !== undefined
          ? endOfStatement(directive, this.source)
          : first === undefined
            ? 0
            : startOf(first);
      const closed = this.#closed(block, place);
      this.text.appendLeft(
        place,
        directive !== undefined ? `${newline}${newline}${closed}` : `${closed}${newline}${newline}`,
      );
    }
    return this.text.toString();
  }

  #addImports(place: number, block: string): void {
    const rest = /^[\t ]*(?:\/\/[^\r\n]*)?/.exec(this.source.text.slice(place))?.[0] ?? "";
    const at = rest.includes("//") ? place + rest.length : place;
    this.text.appendLeft(at, this.#closed(block, at));
  }

  #indentAt(place: number): string {
    const begin = this.source.text.lastIndexOf("\n", place - 1) + 1;
    return /^[\t ]*/.exec(this.source.text.slice(begin))?.[0] ?? "";
  }
}

/** The end of the last import or `require()` of those with which a source begins. */
function lastImport(source: Source): number | undefined {
  const { body } = source.program;
  const declared = body.findLast(
    ({ type }) => type === "ImportDeclaration" || type === "TSImportEqualsDeclaration",
  );
  if (declared !== undefined) return endOfStatement(declared, source);
  let last: number | undefined;
  for (const statement of body) {
    const end = endOfStatement(statement, source);
    const isRequire =
      /^(?:VariableDeclaration|ExpressionStatement)$/.test(statement.type) &&
      // What makes something of a module at once, such as an application, ends the list.
      /^(?:(?:const|let|var)\s+[^=]+=\s*)?require\(\s*['"][^'"]+['"]\s*\)(?:\.[\w$]+)*(?:\.config\([^()]*\))?;?$/.test(
        source.text.slice(startOf(statement), end),
      );
    if (!isRequire) break;
    last = end;
  }
  return last;
}

/** All that is called something in a source, wherever. */
function namesIn({ program, parents }: Source): Set<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    if (node.type !== "Identifier") return;
    const parent = parents.get(node);
    const isKey =
      (parent?.type === "MemberExpression" && parent.property === node && !parent.computed) ||
      (parent?.type === "ObjectProperty" && parent.key === node && !parent.shorthand && !parent.computed);
    if (!isKey) names.add(node.name);
  });
  return names;
}

function free(name: string, taken: ReadonlySet<string>): string {
  const own = `whodunit${name[0]?.toUpperCase()}${name.slice(1)}`;
  for (let at = 1; ; at++) {
    const candidate = at === 1 ? own : `${own}${at}`;
    if (!taken.has(candidate)) return candidate;
  }
}
