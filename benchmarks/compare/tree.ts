import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** This checkout. */
export const OWN_TREE: string = resolve(fileURLToPath(new URL("../..", import.meta.url)));

// Not within node_modules, where Node strips no types.
const CACHE = resolve(tmpdir(), "whodunit-compare");

/**
 * The folder of the other side: a folder is taken as it is; of a git ref a worktree is made, with its own
 * `npm ci`, and kept for the next comparison with the same commit.
 *
 * @throws Error where it is neither, or has no node_modules
 */
export function otherTree(refOrFolder: string): string {
  if (statSync(refOrFolder, { throwIfNoEntry: false })?.isDirectory()) {
    const folder = resolve(refOrFolder);
    if (!existsSync(`${folder}/node_modules`))
      throw new Error(`${folder} has no node_modules, want \`npm ci\` there first`);
    return folder;
  }
  const { status, stdout } = spawnSync(
    "git",
    ["rev-parse", "--verify", "--quiet", `${refOrFolder}^{commit}`],
    {
      cwd: OWN_TREE,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(`"${refOrFolder}" is neither a folder nor a git ref of this repository`);
  const folder = `${CACHE}/${stdout.trim()}`;
  if (existsSync(`${folder}/node_modules`)) return folder;
  rmSync(folder, { recursive: true, force: true });
  // A worktree whose folder was deleted is still on git's list.
  execFileSync("git", ["worktree", "prune"], { cwd: OWN_TREE });
  execFileSync("git", ["worktree", "add", "--quiet", "--detach", folder, stdout.trim()], { cwd: OWN_TREE });
  try {
    execFileSync("npm", ["ci"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** Writes `dist` of a tree's packages. */
export function buildTree(folder: string): void {
  execFileSync("npm", ["run", "build"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}
