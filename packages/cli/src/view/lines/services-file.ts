import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isRecord } from "../../is-record.ts";
import type { ServiceCommand } from "./run-services.ts";

const FIELDS = ["command", "cwd", "env"];
// What a shell would do more with than take it as it stands.
const SHELL = /["'`$|&;<>()*?\\]/;

/**
 * Reads which services to run: `{ "services": { "web": "npm run dev", "api": { "command": ["node", "api.js"],
 * "cwd": "api", "env": { "PORT": "3001" } } } }`. A folder is relative to the file's own.
 *
 * @throws Error that says what is wrong, and where
 */
export function readServicesFile(path: string): ServiceCommand[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`cannot read services from ${path}: ${(error as Error).message}`);
  }
  const services = isRecord(content) ? content.services : undefined;
  const wrong = (what: string, value: unknown, wanted: string): Error =>
    new Error(`${path}: ${what} is ${JSON.stringify(value) ?? "missing"}, want ${wanted}`);
  if (!isRecord(services) || Object.keys(services).length === 0)
    throw wrong('"services"', services, "an object of one service or more, by name");
  return Object.entries(services).map(([name, value]): ServiceCommand => {
    const service = isRecord(value) ? value : { command: value };
    const { command, cwd, env = {} } = service;
    const unknown = Object.keys(service).find((field) => !FIELDS.includes(field));
    if (unknown !== undefined)
      throw new Error(`${path}: "${unknown}" of "${name}" is unknown, want one of ${FIELDS.join(", ")}`);
    const words =
      typeof command === "string" && !SHELL.test(command) ? command.split(/\s+/).filter(Boolean) : command;
    if (!isTexts(words) || words.length === 0)
      throw wrong(
        `"command" of "${name}"`,
        command,
        'words such as "npm run dev", or an array of them where one holds what a shell reads',
      );
    if (cwd !== undefined && typeof cwd !== "string") throw wrong(`"cwd" of "${name}"`, cwd, "a folder");
    if (!isRecord(env) || !isTexts(Object.values(env)))
      throw wrong(`"env" of "${name}"`, env, "an object of texts");
    return { name, words, cwd: resolve(dirname(path), cwd ?? "."), env: env as Record<string, string> };
  });
}

const isTexts = (values: unknown): values is string[] =>
  Array.isArray(values) && values.every((value) => typeof value === "string");
