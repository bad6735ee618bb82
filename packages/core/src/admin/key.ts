import type { FileHandle } from "node:fs/promises";
import { Rate } from "../process/rate.ts";

/**
 * The key that the services and the command of one user share, outside production. It never leaves its file but for the
 * memory of those who sign and verify with it.
 */

// Loaded with the first request to an admin route, not by those who import this package for something else.
const fs = (): typeof import("node:fs/promises") => process.getBuiltinModule("node:fs").promises;
const path = (): typeof import("node:path") => process.getBuiltinModule("node:path");
const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

const KEY_BYTES = 32;
const OTHERS = 0o077;
// A key may be made anew while a service runs: the runtime folder goes when its user logs out.
const READ_AGAIN_PER_SECOND = 1;

/** Where the key of this process's user stands; undefined where no folder of the user's is known. */
export function keyFile(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { isAbsolute, join } = path();
  const { XDG_RUNTIME_DIR: runtime, LOCALAPPDATA: local } = env;
  if (process.platform === "win32") return local ? join(local, "whodunit", "key") : undefined;
  if (runtime && isAbsolute(runtime)) return join(runtime, "whodunit", "key");
  const home = env.HOME || process.getBuiltinModule("node:os").homedir();
  return isAbsolute(home) ? join(home, ".local", "state", "whodunit", "key") : undefined;
}

/**
 * The key in `file`, made where there is none: 32 random bytes, in a folder that is its owner's alone (0700), in a file
 * that is (0600). Many processes may ask at once, and all get the same.
 *
 * @throws Error that says why there is no key to be trusted: a symbolic link, another owner, a mode that lets others in
 */
export async function readOrMakeKey(file: string): Promise<Buffer> {
  const folder = path().dirname(file);
  await makeFolder(folder);
  const found = await fs().lstat(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is no folder`);
  checkOwn(folder, found);
  return (await readKey(file)) ?? (await makeKey(file));
}

// One by one: mkdir's own `recursive` never ends where a file system, such as /proc, makes no folders.
async function makeFolder(folder: string): Promise<void> {
  try {
    await fs().mkdir(folder, 0o700);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT") throw error;
    await makeFolder(path().dirname(folder));
    await fs().mkdir(folder, 0o700).catch(unlessThere);
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

async function readKey(file: string): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs().constants;
  let handle: FileHandle;
  try {
    handle = await fs().open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw code === "ELOOP" ? new Error(`${file} is a symbolic link`) : error;
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${file} is no file`);
    checkOwn(file, found);
    if (found.size !== KEY_BYTES) throw new Error(`${file} has ${found.size} bytes, want ${KEY_BYTES}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

// Written aside and linked into place: nobody reads half a key, and of many makers one wins.
async function makeKey(file: string): Promise<Buffer> {
  const aside = `${file}.${crypto().randomBytes(8).toString("hex")}`;
  await fs().writeFile(aside, crypto().randomBytes(KEY_BYTES), { flag: "wx", mode: 0o600 });
  try {
    await fs().link(aside, file).catch(unlessThere);
  } finally {
    await fs().unlink(aside);
  }
  const key = await readKey(file);
  if (key === undefined) throw new Error(`${file} was taken away while it was made`);
  return key;
}

function checkOwn(name: string, { uid, mode }: { readonly uid: number; readonly mode: number }): void {
  // Windows has neither; the user's folder there is the user's by its access list.
  const own = process.geteuid?.();
  if (own === undefined) return;
  if (uid !== own) throw new Error(`${name} belongs to user ${uid}, and this process runs as ${own}`);
  if ((mode & OTHERS) !== 0) {
    throw new Error(`${name} has mode ${(mode & 0o777).toString(8)}, which lets others in`);
  }
}

/** The user's key as a service holds it: read when it is first asked for, and again, now and then, when asked to. */
export class UserKey {
  readonly #again = new Rate(READ_AGAIN_PER_SECOND);
  #reading: Promise<Buffer | undefined> | undefined;
  /** Why there is no key. */
  fault: string | undefined;

  /** The key; undefined, with {@link fault}, where there is none to be trusted. Never rejects. */
  read(): Promise<Buffer | undefined> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** The key as it stands now, where the last look is long enough ago; else as it was. */
  readAgain(): Promise<Buffer | undefined> {
    if (this.#again.admit(performance.now())) this.#reading = this.#read();
    return this.read();
  }

  async #read(): Promise<Buffer | undefined> {
    try {
      const file = keyFile();
      if (file === undefined) throw new Error("neither XDG_RUNTIME_DIR nor a home folder is there");
      const key = await readOrMakeKey(file);
      this.fault = undefined;
      return key;
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }
}
