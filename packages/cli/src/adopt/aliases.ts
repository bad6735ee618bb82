import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseExpression } from "@babel/parser";
import type * as t from "@babel/types";
import { isRecord } from "../is-record.ts";
import { nameOf } from "./syntax.ts";

/** A name by which sources bring in others, such as `@/*`, and where that leads, from the project's folder. */
export interface Alias {
  /** `*` stands for what may follow. */
  readonly name: string;
  readonly targets: readonly string[];
}

/** What of a project's settings says how its sources are read. */
export interface Settings {
  readonly aliases: readonly Alias[];
  /** Whether TypeScript takes statements of ES modules in a file of CommonJS for a mistake. */
  readonly isVerbatim: boolean;
}

const EXTENDS_MAX = 8;

/** Reads tsconfig.json, or jsconfig.json, with what it extends in the folder, and `imports` of package.json. */
export function readSettings(folder: string, manifest: Readonly<Record<string, unknown>>): Settings {
  const options = optionsOf(folder, "tsconfig.json") ?? optionsOf(folder, "jsconfig.json") ?? {};
  const { baseUrl, paths, pathsFrom = "" } = options;
  const base = baseUrl ?? pathsFrom;
  return {
    aliases: [
      ...Object.entries(isRecord(manifest.imports) ? manifest.imports : {}).map(([name, target]) => ({
        name,
        targets: filesOf(target),
      })),
      ...Object.entries(paths ?? {}).map(([name, targets]) => ({
        name,
        targets: texts(targets).map((target) => posix.join(base, target)),
      })),
      ...(baseUrl === undefined ? [] : [{ name: "*", targets: [posix.join(baseUrl, "*")] }]),
    ],
    isVerbatim: options.isVerbatim === true,
  };
}

/** Where an alias may lead, in the order in which they are tried; empty where none fits. */
export function unaliased(specifier: string, aliases: readonly Alias[]): string[] {
  return aliases.flatMap(({ name, targets }) => {
    const [head = "", tail] = name.split("*");
    if (tail === undefined) return name === specifier ? targets : [];
    const fits =
      specifier.length >= head.length + tail.length && specifier.startsWith(head) && specifier.endsWith(tail);
    const between = specifier.slice(head.length, specifier.length - tail.length);
    return fits ? targets.map((target) => target.replace("*", () => between)) : [];
  });
}

interface Options {
  readonly baseUrl?: string;
  readonly paths?: Readonly<Record<string, unknown>>;
  /** The folder of the file that has the paths. */
  readonly pathsFrom?: string;
  readonly isVerbatim?: boolean;
}

function optionsOf(folder: string, path: string, depth = 0): Options | undefined {
  const config = jsonWithComments(folder, path);
  if (!isRecord(config)) return undefined;
  const own = isRecord(config.compilerOptions) ? config.compilerOptions : {};
  const at = posix.dirname(path);
  const { baseUrl, paths, verbatimModuleSyntax } = own;
  const inherited =
    depth < EXTENDS_MAX ? texts(config.extends).map((name) => extended(folder, at, name, depth)) : [];
  return Object.assign(
    {},
    ...inherited,
    typeof baseUrl === "string" ? { baseUrl: posix.join(at, baseUrl) } : {},
    isRecord(paths) ? { paths, pathsFrom: at } : {},
    typeof verbatimModuleSyntax === "boolean" ? { isVerbatim: verbatimModuleSyntax } : {},
  );
}

// What a package hands out, or what stands outside of the folder, is not looked for.
function extended(folder: string, at: string, name: string, depth: number): Options | undefined {
  const path = posix.join(at, name);
  if (!/^\.{1,2}\//.test(name) || path.startsWith("..")) return undefined;
  return optionsOf(folder, path, depth + 1) ?? optionsOf(folder, `${path}.json`, depth + 1);
}

function jsonWithComments(folder: string, path: string): unknown {
  try {
    return literalOf(parseExpression(readFileSync(join(folder, path), "utf8").replace(/^\uFEFF/, "")));
  } catch {
    // None, or one that TypeScript cannot read either.
    return undefined;
  }
}

function literalOf(node: t.Node): unknown {
  if (node.type === "StringLiteral" || node.type === "BooleanLiteral" || node.type === "NumericLiteral")
    return node.value;
  if (node.type === "ArrayExpression")
    return node.elements.map((element) => (element === null ? undefined : literalOf(element)));
  if (node.type !== "ObjectExpression") return undefined;
  return Object.fromEntries(
    node.properties.flatMap((property) =>
      property.type === "ObjectProperty" ? [[nameOf(property.key), literalOf(property.value)]] : [],
    ),
  );
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");

/** Of an entry of `imports`, every file that some condition gives. */
function filesOf(target: unknown): string[] {
  return isRecord(target) ? Object.values(target).flatMap(filesOf) : texts(target);
}
