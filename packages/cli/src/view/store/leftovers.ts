import { lstatSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { LOCK, lock } from "./segment-folder.ts";
import { TEMPORARY } from "./temporary.ts";

// In less than that another view may have made its folder and not have locked it yet.
const SETTLED_MS = 60_000;

/** Removes temporary folders beside one that nobody holds any more: of views that were killed, or went with their machine. */
export function removeLeftovers(own: string): void {
  for (const name of readdirSync(dirname(own))) {
    const folder = join(dirname(own), name);
    if (!name.startsWith(TEMPORARY) || folder === own) continue;
    try {
      const about = lstatSync(folder);
      const isOurs = about.isDirectory() && about.uid === (process.getuid?.() ?? about.uid);
      if (!isOurs || statSync(join(folder, LOCK)).mtimeMs > Date.now() - SETTLED_MS) continue;
      lock(folder).close();
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody has it in use, or it is no view's.
    }
  }
}
