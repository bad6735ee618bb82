import { isRecord } from "../is-record.ts";
import { templateOf } from "./text-template.ts";

const MAX_NAME_LENGTH = 128;
// What Whodunit calls a line of free text, by the scope that it came from.
const UNNAMED = /(?:^|-)unnamed$/;
const UNNAMED_WITH_TEXT = /^([\w-]*unnamed): (.*)$/s;

/**
 * Under which name a line is counted: its msg where that is a name, else the template of its text. Where Whodunit wrote
 * free text, the scope stands before it: `web-unnamed: order <*> failed`.
 *
 * @param members those of the line that hold its free text, or the error that it is about
 */
export function lineName(msg: string, members: { readonly text?: unknown; readonly err?: unknown }): string {
  if (!isName(msg)) return templateOf(msg);
  if (!UNNAMED.test(msg)) return msg;
  const { text, err } = members;
  const said = typeof text === "string" && text !== "" ? text : errorText(err);
  return said === "" ? msg : `${msg}: ${templateOf(said)}`;
}

/** The name of an earlier summary as it is counted today: it may hold a text that was no template yet. */
export function earlierName(name: string): string {
  const [, scope, text] = UNNAMED_WITH_TEXT.exec(name) ?? [];
  return scope === undefined ? lineName(name, {}) : lineName(scope, { text });
}

/** The parts of a name from the scope down. Free text has none, whatever it is written with. */
export function nameSegments(name: string): string[] {
  const [, scope, text] = UNNAMED_WITH_TEXT.exec(name) ?? [];
  if (scope !== undefined && text !== undefined) return [...scope.split("-"), `: ${text}`];
  return isName(name) ? name.split("-") : [name];
}

const isName = (text: string): boolean => text.length <= MAX_NAME_LENGTH && /^[\w-]+$/.test(text);

function errorText(err: unknown): string {
  if (!isRecord(err)) return "";
  return [err.type, err.message].filter((part) => typeof part === "string" && part !== "").join(": ");
}
