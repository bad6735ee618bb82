import {
  chmodSync,
  linkSync,
  lstatSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { Change } from "./plan.ts";
import { readText } from "./project.ts";

/**
 * Writes all changes or none: each beside its file first, then all in their places. What was put in place before one fails
 * is taken back.
 *
 * @throws Error where a file is not what it was when it was read, leads out of the folder, or cannot be written
 */
export function writeChanges(folder: string, changes: readonly Change[]): void {
  const undo: (() => void)[] = [];
  const beside = changes.map(({ path }) => {
    const target = join(folder, path);
    return join(dirname(target), `.${basename(target)}.whodunit-${process.pid}`);
  });
  try {
    for (const [index, { path, before, after }] of changes.entries()) {
      checkUnchanged(folder, path, before);
      const target = join(folder, path);
      writeFileSync(beside[index] as string, after, { flag: "wx" });
      if (before !== null) chmodSync(beside[index] as string, statSync(target).mode);
    }
    for (const [index, { path, before }] of changes.entries()) {
      const target = join(folder, path);
      if (before === null) {
        // Fails where a file of that name has come up meanwhile.
        linkSync(beside[index] as string, target);
        undo.push(() => rmSync(target));
      } else {
        renameSync(beside[index] as string, target);
        undo.push(() => writeFileSync(target, before));
      }
    }
  } catch (error) {
    for (const take of undo.reverse()) take();
    throw error;
  } finally {
    for (const file of beside) rmSync(file, { force: true });
  }
}

function checkUnchanged(folder: string, path: string, before: string | null): void {
  const target = join(folder, path);
  if (!`${realpathSync(dirname(target))}${sep}`.startsWith(folder.endsWith(sep) ? folder : folder + sep))
    throw new Error(`${path} leads out of the folder`);
  const state = lstatSync(target, { throwIfNoEntry: false });
  if (before === null) {
    if (state !== undefined) throw new Error(`${path} is there already`);
  } else if (state?.isFile() !== true || readText(target) !== before) {
    throw new Error(`${path} has changed since it was read`);
  }
}
