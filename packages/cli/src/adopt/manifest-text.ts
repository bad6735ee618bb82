import { parseExpression } from "@babel/parser";
import type * as t from "@babel/types";
import MagicString from "magic-string";
import type { Project } from "./project.ts";
import { indentOf } from "./style.ts";
import { endOf, nameOf, startOf } from "./syntax.ts";

/** The packages that a service needs, and the command. */
const WANTED: Readonly<Record<"dependencies" | "devDependencies", readonly string[]>> = {
  dependencies: ["@whodunit/health", "@whodunit/logger", "@whodunit/tracing"],
  devDependencies: ["whodunit"],
};

/** What stands in front of an entry of a list, and in front of the list's end. */
interface Layout {
  readonly inner: string;
  readonly outer: string;
}

/** package.json with what a service needs; all that is there stays as it is written. */
export function manifestWith({ manifestText, manifest }: Project, version: string): string {
  const text = new MagicString(manifestText);
  const newline = manifestText.includes("\r\n") ? "\r\n" : "\n";
  const indent = indentOf(manifestText);
  const root = parseExpression(manifestText.replace(/^\uFEFF/, " "));
  if (root.type !== "ObjectExpression") return manifestText;
  const isFlat = !/[{,]\s*\n/.test(manifestText);
  const layout = isFlat
    ? { inner: " ", outer: " " }
    : { inner: newline + indent.repeat(2), outer: newline + indent };
  for (const [kind, names] of Object.entries(WANTED)) {
    const entries = names
      .filter((name) => !isNamed(manifest, name))
      .map((name) => `"${name}": "^${version}"`);
    const list = propertiesOf(root).find(({ key }) => nameOf(key) === kind)?.value;
    if (list?.type === "ObjectExpression") {
      insert(list, entries, layout, text);
    } else if (entries.length > 0) {
      append(root, `"${kind}": ${objectOf(entries, layout)}`, layout.outer, text);
    }
  }
  return text.toString();
}

function isNamed(manifest: Project["manifest"], name: string): boolean {
  return ["dependencies", "devDependencies", "peerDependencies"].some(
    (kind) => name in ((manifest[kind] as object | undefined) ?? {}),
  );
}

function propertiesOf({ properties }: t.ObjectExpression): t.ObjectProperty[] {
  return properties.filter((property) => property.type === "ObjectProperty");
}

/** Puts entries in a list of packages, each in front of the first that follows it by name, as npm sorts them. */
function insert(
  list: t.ObjectExpression,
  entries: readonly string[],
  layout: Layout,
  text: MagicString,
): void {
  const there = propertiesOf(list);
  if (there.length === 0 && entries.length > 0) {
    text.overwrite(startOf(list), endOf(list), objectOf(entries, layout));
    return;
  }
  for (const entry of entries) {
    const next = there.find(({ key }) => `"${nameOf(key)}"`.localeCompare(entry, "en") > 0);
    if (next !== undefined) text.appendLeft(startOf(next), `${entry},${layout.inner}`);
    else append(list, entry, layout.inner, text);
  }
}

function append(object: t.ObjectExpression, entry: string, gap: string, text: MagicString): void {
  const last = object.properties.at(-1);
  if (last === undefined) text.appendLeft(startOf(object) + 1, entry);
  else text.appendLeft(endOf(last), `,${gap}${entry}`);
}

function objectOf(entries: readonly string[], { inner, outer }: Layout): string {
  return `{${entries.map((entry) => inner + entry).join(",")}${outer}}`;
}
