import { open, readFile, rename, rm } from "node:fs/promises";
import { isRecord } from "../../is-record.ts";
import type { Incident } from "./incidents.ts";
import type { Posted } from "./outbox.ts";

/** What outlives a restart. */
export interface State {
  readonly incidents: readonly Incident[];
  /** Messages that did not arrive yet. */
  readonly waiting: readonly Posted[];
}

const VERSION = 1;

/**
 * Opens the file, and makes it where there is none.
 *
 * @param tell told in words where what the file held cannot be used
 * @returns what it held, and what writes it: as it is when it is written; resolves when it is on the disk, rejects when it
 * cannot be
 * @throws Error that names the file where it cannot be read or written
 */
export async function openState(
  path: string,
  tell: (text: string) => void,
): Promise<{ state: State; save: (read: () => State) => Promise<void> }> {
  const state = await readState(path, tell);
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const save = (read: () => State): Promise<void> => {
    // Whoever comes while one is written shares the next one, which holds all that was changed until then.
    next ??= (writing ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        next = undefined;
        writing = write(path, JSON.stringify({ version: VERSION, ...read() }));
        return writing;
      });
    return next;
  };
  try {
    await save(() => state);
  } catch (error) {
    throw new Error(`cannot write the state to ${path}: ${(error as Error).message}`);
  }
  return { state, save };
}

// Whole or not at all: a new file takes the old one's place when it is on the disk.
async function write(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

async function readState(path: string, tell: (text: string) => void): Promise<State> {
  const empty: State = { incidents: [], waiting: [] };
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return empty;
    throw new Error(`cannot read the state in ${path}: ${(error as Error).message}`);
  }
  try {
    const content: unknown = JSON.parse(text);
    if (isRecord(content) && content.version === VERSION && isState(content)) return content;
  } catch {
    // Told below.
  }
  const aside = `${path}.unread`;
  await rename(path, aside);
  tell(`${path} holds no state of whodunit watch; it is in ${aside} now, and a new one begins`);
  return empty;
}

const isState = (content: object): content is State => {
  const { incidents, waiting } = content as Partial<State>;
  return (
    Array.isArray(incidents) &&
    incidents.every((one) => isRecord(one) && typeof one.group === "string" && Array.isArray(one.told)) &&
    Array.isArray(waiting) &&
    waiting.every((one) => isRecord(one) && isRecord(one.message) && Array.isArray(one.to))
  );
};
