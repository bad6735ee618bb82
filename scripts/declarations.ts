import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A file of declarations, as the compiler writes it without comments: statements begin at the margin, and each name that a
 * type is made of is declared or imported in the same file.
 */
export interface Declarations {
  /** The text of what is declared, by name; overloads stand under one. */
  readonly declared: ReadonlyMap<string, string>;
  readonly imported: ReadonlyMap<string, Origin>;
  /** What the file hands out: of its own where there is no module. */
  readonly exported: ReadonlyMap<string, Origin>;
  /** What is handed out whole. */
  readonly stars: readonly string[];
  /** `declare global` and `declare module`. */
  readonly additions: readonly string[];
}

/** Where a name comes from. */
export interface Origin {
  readonly name: string;
  readonly module: string | undefined;
}

const BEGIN = /^(?=(?:import|export|declare|type|interface|abstract|class|function|const)\b)/m;
const DECLARED =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function|namespace) (\w+)/;

/** Reads a file. */
export function readDeclarations(path: string): Declarations {
  const declared = new Map<string, string>();
  const imported = new Map<string, Origin>();
  const exported = new Map<string, Origin>();
  const stars: string[] = [];
  const additions: string[] = [];
  for (const raw of readFileSync(path, "utf8").split(BEGIN)) {
    const text = raw.trimEnd();
    const module = /\bfrom "([^"]+)";$/.exec(text)?.[1];
    const own = DECLARED.exec(text)?.[1];
    if (/^declare (?:global|module)\b/.test(text)) additions.push(text);
    else if (own !== undefined) {
      const before = declared.get(own);
      declared.set(own, before === undefined ? text : `${before}\n${text}`);
      if (text.startsWith("export ")) exported.set(own, { name: own, module: undefined });
    } else if (text.startsWith("export * from") && module !== undefined) stars.push(module);
    else if (text.startsWith("export"))
      for (const { name, as } of namesIn(text)) exported.set(as, { name, module });
    else if (text.startsWith("import")) {
      for (const { name, as } of namesIn(text)) imported.set(as, { name, module });
      const whole = /^import (?:type )?(?:\* as )?(\w+)[ ,]/.exec(text);
      if (whole?.[1] !== undefined && whole[1] !== "type")
        imported.set(whole[1], { name: text.includes("* as") ? "*" : "default", module });
    }
  }
  return { declared, imported, exported, stars, additions };
}

function namesIn(statement: string): { readonly name: string; readonly as: string }[] {
  const list = /\{([^}]*)\}/.exec(statement)?.[1] ?? "";
  return list.split(",").flatMap((part) => {
    const [, name, as] = /^\s*(?:type )?(\w+)(?: as (\w+))?\s*$/.exec(part) ?? [];
    return name === undefined ? [] : [{ name, as: as ?? name }];
  });
}

/** The declarations behind an entry, followed from file to file. */
export class Entry {
  readonly #files = new Map<string, Declarations>();
  readonly #texts = new Map<string, string>();
  readonly #imports = new Set<string>();
  readonly #additions = new Set<string>();
  readonly #given = new Set<string>();

  constructor(path: string) {
    for (const [as, { file, name }] of this.#exportsOf(path)) this.#give(as, file, name);
  }

  /** Sorted, so that a move from file to file changes nothing. */
  get text(): string {
    const parts = [this.#imports, this.#additions, this.#texts.values(), this.#given];
    return `${parts.flatMap((part) => [...part].toSorted()).join("\n")}\n`;
  }

  #give(as: string, file: string, name: string): void {
    this.#follow(file, name, true);
    if (as !== name) this.#given.add(`export { ${name} as ${as} };`);
  }

  /** Takes in a name of a file, and what it is made of. */
  #follow(file: string, name: string, isGiven: boolean): void {
    const { declared, imported, exported, additions } = this.#read(file);
    for (const text of additions) this.#additions.add(text);
    const text = declared.get(name);
    if (text === undefined) {
      const { name: original, module } = imported.get(name) ?? exported.get(name) ?? {};
      if (original === undefined || module === undefined) return;
      if (module.startsWith(".")) this.#follow(fileOf(file, module), original, isGiven);
      else
        this.#imports.add(
          `import { ${original === name ? name : `${original} as ${name}`} } from "${module}";`,
        );
      return;
    }
    const key = `${name} ${file}`;
    const known = this.#texts.get(key);
    const shown = shownText(text, isGiven);
    if (known !== undefined && (known === shown || !isGiven)) return;
    this.#texts.set(key, shown);
    for (const [part] of shown.matchAll(/(?<![.\w"])[A-Za-z_]\w*/g)) {
      if (part !== name && (declared.has(part) || imported.has(part))) this.#follow(file, part, false);
    }
  }

  #exportsOf(path: string): Map<string, { readonly file: string; readonly name: string }> {
    const { exported, stars } = this.#read(path);
    const all = new Map(stars.flatMap((module) => [...this.#exportsOf(fileOf(path, module))]));
    for (const [as, { name, module }] of exported) {
      if (module === undefined || !module.startsWith("."))
        all.set(as, { file: path, name: module === undefined ? name : as });
      else
        all.set(as, this.#exportsOf(fileOf(path, module)).get(name) ?? { file: fileOf(path, module), name });
    }
    return all;
  }

  #read(path: string): Declarations {
    const known = this.#files.get(path) ?? readDeclarations(path);
    this.#files.set(path, known);
    return known;
  }
}

const fileOf = (from: string, module: string): string =>
  join(dirname(from), module.replace(/\.(c?)[jt]s$/, ".d.$1ts"));

/** A class that is not handed out is named and not shown: nobody outside can make one or extend it. */
function shownText(text: string, isGiven: boolean): string {
  const plain = text.replaceAll(/^ +#private;\n/gm, "").replace(/^export (?=declare|type|interface)/gm, "");
  if (isGiven) return plain.replace(/^/gm, (at) => at).replace(/^(?=declare|type|interface)/gm, "export ");
  return plain.replace(/^(declare (?:abstract )?class [^{]*)\{[\s\S]*$/, "$1{}");
}
