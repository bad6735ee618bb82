import { readFileSync } from "node:fs";

/** A text with a secret in it, as somebody has found it in logs. */
export interface LeakedForm {
  /** Where secrets of its kind stand. */
  readonly where: string;
  readonly text: string;
  /** What must go. */
  readonly secrets: readonly string[];
}

const linesOf = (file: string): string[] =>
  readFileSync(new URL(file, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "");

const ESCAPE = /\\(\\n|n|t|r|u[\da-f]{4})/g;

// `\n`, `\t`, `\r` and `\u0041` stand for a character; `\\n` is the escape itself.
const unescaped = (line: string): string =>
  line.replace(ESCAPE, (_, code: string) => {
    if (code.startsWith("u")) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { "\\n": "\\n", n: "\n", t: "\t", r: "\r" }[code] ?? "";
  });

/** The texts of `leaked-forms.txt`: one a line, its secrets between « and », below a line that says where they stand. */
export function leakedForms(): LeakedForm[] {
  let where = "";
  return linesOf("./leaked-forms.txt").flatMap((line) => {
    if (line.startsWith("# ") && !line.includes("«")) {
      where = line.slice(2);
      return [];
    }
    const marked = unescaped(line);
    const secrets = Array.from(marked.matchAll(/«([^»]*)»/g), (match) => match[1]!);
    return [{ where, text: marked.replace(/[«»]/g, ""), secrets }];
  });
}

/** The texts of `ordinary-lines.txt`, one a line, which hold no secret. */
export const ordinaryLines = (): string[] => linesOf("./ordinary-lines.txt").map(unescaped);
