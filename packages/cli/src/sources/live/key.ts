import { createHmac, randomBytes } from "node:crypto";
import { constants, type FileHandle, link, lstat, mkdir, open, unlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { isLoopback } from "./host.ts";

/**
 * The key that this user's services and this command share outside production, and the signatures made with it. The
 * format is that of `@whodunit/core`, which verifies them; a test holds the two together.
 */

/** The header that a signature is sent in. */
export const SIGNATURE_HEADER = "whodunit-signature";
/** How long a signature of the command's own is good for, in milliseconds. */
export const ASKING_MS = 60_000;
/** How long one that is printed is good for, in milliseconds: the most that services take. */
export const PRINTED_MS = 600_000;

const KEY_BYTES = 32;
const OTHERS = 0o077;
const MACS_MAX = 8;

/** What a signature is for. */
export interface SignatureClaim {
  /** As the Host header says it: no port where it is the scheme's own. */
  readonly host: string;
  /** The addresses that the host stands for, each as a connection may have it. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Whether it may change something, or only read. */
  readonly changes: boolean;
  readonly ttlMs: number;
}

/** Where the keys of a user may stand: a service that was started otherwise than this command may see the other one. */
export function keyFiles(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const { XDG_RUNTIME_DIR: runtime, LOCALAPPDATA: local } = env;
  if (process.platform === "win32") return local ? [join(local, "whodunit", "key")] : [];
  const files: string[] = [];
  if (runtime && isAbsolute(runtime)) files.push(join(runtime, "whodunit", "key"));
  const home = env.HOME || homedir();
  if (isAbsolute(home)) files.push(join(home, ".local", "state", "whodunit", "key"));
  return files;
}

/** The user's keys, made where there are none; those that are not to be trusted are left out. Never rejects. */
export async function readKeys(files: readonly string[] = keyFiles()): Promise<Buffer[]> {
  const keys = await Promise.all(files.map((file) => readOrMakeKey(file).catch(() => undefined)));
  return keys.filter((key) => key !== undefined);
}

/** A signature by each of the keys for each of the addresses, as {@link SIGNATURE_HEADER} takes it. */
export function signatureOf(
  keys: readonly Buffer[],
  claim: SignatureClaim,
  nowMs: number = Date.now(),
): string {
  const { host, addresses, port, changes, ttlMs } = claim;
  const expiry = (nowMs + ttlMs).toString(36);
  const use = changes ? "w" : "r";
  const places = new Set(addresses.map(placeOf));
  const macs = [...places].flatMap((place) => {
    const lines = ["whodunit-signature-v1", expiry, use, host.toLowerCase(), place, port].join("\n");
    return keys.map((key) => createHmac("sha256", key).update(lines).digest("base64url"));
  });
  return [expiry, use, ...macs.slice(0, MACS_MAX)].join(".");
}

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

const placeOf = (address: string): string =>
  isLoopback(address) ? "loopback" : address.replace(/%.*$/, "").replace(MAPPED, "").toLowerCase();

async function readOrMakeKey(file: string): Promise<Buffer | undefined> {
  const folder = dirname(file);
  await makeFolder(folder);
  const found = await lstat(folder);
  if (!found.isDirectory() || !isOwn(found)) return undefined;
  try {
    return await readKey(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await makeKey(file);
    return await readKey(file);
  }
}

// One by one: mkdir's own `recursive` never ends where a file system, such as /proc, makes no folders.
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, 0o700);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT") throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder, 0o700).catch(unlessThere);
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

async function readKey(file: string): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle: FileHandle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile() || !isOwn(found) || found.size !== KEY_BYTES) return undefined;
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

// Written aside and linked into place: nobody reads half a key, and of many makers one wins.
async function makeKey(file: string): Promise<void> {
  const aside = `${file}.${randomBytes(8).toString("hex")}`;
  await writeFile(aside, randomBytes(KEY_BYTES), { flag: "wx", mode: 0o600 });
  try {
    await link(aside, file).catch(unlessThere);
  } finally {
    await unlink(aside);
  }
}

// A symbolic link, another owner, a mode that lets others in: such a key is not to be trusted.
function isOwn({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  const own = process.geteuid?.();
  return own === undefined || (uid === own && (mode & OTHERS) === 0);
}
