import { readFileSync } from "node:fs";
import { ROOT } from "../../scripts/packages.ts";

/** The documents whose fences of `sh` and `console` hold command lines. */
export const DOCUMENTS: string[] = [
  "*.md",
  "docs/*.md",
  "packages/*/README.md",
  "examples/*/README.md",
  "benchmarks/*.md",
];

/** A command line that a document tells to type. */
export interface Command {
  readonly text: string;
  /** What the document shows of what it prints. */
  readonly shown: string | undefined;
}

/** What no test types, and why. */
export const NOT_TYPED: readonly { readonly command: RegExp; readonly why: string }[] = [
  { command: /^npm ci$/, why: "it brings what the tests run on" },
  {
    command: /^npm install (?:--global )?(?:@?whodunit(?:\/\w+)? ?)+$/,
    why: "the packages are on no registry yet",
  },
  {
    command: /^npm install \S*packed\/\*\.tgz$/,
    why: "it asks a registry; test/toolchains/strangers-path.chains.ts types it",
  },
  { command: /^cd examples\/next$/, why: "it leads to where the line behind it installs" },
  { command: /^npm (?:test|run (?:test:full|test:watch|coverage|ok)\b.*)$/, why: "it runs these tests" },
  {
    command: /^npm run (?:api|format|pack|reference|spelling)$/,
    why: "it writes into the tree that the tests read; all but `format` are steps of CI or compared by a test",
  },
  { command: /^docker compose up$/, why: "it wants containers; its file is held to Compose's own schema" },
];

export const isTyped = ({ text }: Command): boolean => !NOT_TYPED.some(({ command }) => command.test(text));

/** The command lines of a document's fences, in order; each of those that `&&` joins is one. */
export function commandsOf(document: string): Command[] {
  return [...readFileSync(ROOT + document, "utf8").matchAll(/^( *)```(sh|console)\n(.*?)^\1```$/gms)].flatMap(
    ([, indent = "", kind, inner = ""]) => {
      const text = inner.replaceAll(new RegExp(`^${indent}`, "gm"), "").replaceAll(/\\\n\s*/g, "");
      if (kind === "sh") return text.split("\n").flatMap((line) => joined(line, undefined));
      return text.split(/^\$ /m).flatMap((session) => {
        const end = session.indexOf("\n");
        return joined(session.slice(0, end), session.slice(end + 1) || undefined);
      });
    },
  );
}

function joined(line: string, shown: string | undefined): Command[] {
  const texts = line
    .replace(/\s+# .*$/, "")
    .split(" && ")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  return texts.map((text, index) => ({ text, shown: index === texts.length - 1 ? shown : undefined }));
}

/** A text without what differs from run to run: times, ids, how long something took, and how wide that made a column. */
export function masked(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z| [\d:]+ UTC)/g, "<time>")
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{16}){1,2}\b/g, "<id>")
    .replaceAll(/\b\d+(?:\.\d+)? ?(?:ms|s|min|h)\b/g, "<duration>")
    .replaceAll(/\b\d+(?:\.\d+)?rps\b/g, "<rate>")
    .replaceAll(/[█·]{2,}/g, "<bar>")
    .replaceAll(/ +/g, " ");
}
