import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { keyFile, readOrMakeKey } from "../../src/index.ts";

const CHILD = fileURLToPath(new URL("../helpers/key-child.ts", import.meta.url));

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "whodunit-key-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("keyFile() is in XDG_RUNTIME_DIR, else below the home folder, never in the temporary one", () => {
  assert.equal(keyFile({ XDG_RUNTIME_DIR: "/run/user/7", HOME: "/home/ada" }), "/run/user/7/whodunit/key");
  for (const XDG_RUNTIME_DIR of [undefined, "", "relative/folder"]) {
    const env = XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR };
    assert.equal(keyFile({ ...env, HOME: "/home/ada" }), "/home/ada/.local/state/whodunit/key");
  }
});

test("readOrMakeKey() makes 32 bytes that only their owner may read, and leaves nothing else beside them", async (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const file = join(folder(t), "a", "whodunit", "key");
  const key = await readOrMakeKey(file);
  assert.equal(key.length, 32);
  assert.deepEqual(readFileSync(file), key);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(file, "..")).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(join(file, "..")), ["key"]);
  assert.deepEqual(await readOrMakeKey(file), key);
});

test("readOrMakeKey() gives the same key to 12 processes that begin at once", async (t) => {
  const env = { ...process.env, XDG_RUNTIME_DIR: folder(t) };
  const children = Array.from({ length: 12 }, () => spawn(process.execPath, [CHILD], { env }));
  t.after(() => {
    for (const child of children) child.kill();
  });
  const lines = children.map((child: ChildProcess) =>
    createInterface({ input: child.stdout! })[Symbol.asyncIterator](),
  );
  for (const one of lines) assert.equal((await one.next()).value, "ready");
  for (const child of children) child.stdin.write("go\n");
  const keys = await Promise.all(lines.map(async (one) => (await one.next()).value));
  assert.match(String(keys[0]), /^[0-9a-f]{64}$/);
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(readdirSync(join(env.XDG_RUNTIME_DIR, "whodunit")), ["key"]);
});

/** What makes a key that is not to be trusted. */
const SPOILT: Readonly<Record<string, readonly [(file: string) => void, RegExp]>> = {
  "a file that others may read": [(file) => chmodSync(file, 0o644), /has mode 644, which lets others in/],
  "a file that its group may write": [(file) => chmodSync(file, 0o620), /has mode 620/],
  "a folder that others may enter": [(file) => chmodSync(join(file, ".."), 0o711), /has mode 711/],
  "a symbolic link in place of the file": [
    (file) => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
    },
    /is a symbolic link/,
  ],
  "a symbolic link to nothing": [
    (file) => {
      rmSync(file);
      symlinkSync(`${file}.nothing`, file);
    },
    /is a symbolic link/,
  ],
  "a symbolic link in place of the folder": [
    (file) => {
      renameSync(join(file, ".."), join(file, "..", "..", "real"));
      symlinkSync(join(file, "..", "..", "real"), join(file, ".."));
    },
    /is no folder/,
  ],
  "a file in place of the folder": [
    (file) => {
      rmSync(join(file, ".."), { recursive: true });
      writeFileSync(join(file, ".."), "");
    },
    /EEXIST|ENOTDIR|is no folder/,
  ],
  "a folder in place of the file": [
    (file) => {
      rmSync(file);
      mkdirSync(file, { mode: 0o700 });
    },
    /is no file/,
  ],
  "half a key": [(file) => writeFileSync(file, Buffer.alloc(16)), /has 16 bytes, want 32/],
  "more than a key": [(file) => writeFileSync(file, Buffer.alloc(33)), /has 33 bytes, want 32/],
};

for (const [title, [spoil, expected]] of Object.entries(SPOILT)) {
  test(`readOrMakeKey() refuses ${title}, says why, and does not mend it`, async (t) => {
    const file = join(folder(t), "whodunit", "key");
    await readOrMakeKey(file);
    spoil(file);
    await assert.rejects(readOrMakeKey(file), expected);
    await assert.rejects(readOrMakeKey(file), expected);
  });
}

test("readOrMakeKey() refuses a key and a folder of another user", async (t) => {
  if (process.geteuid?.() !== 0) return t.skip("only root can give files away");
  for (const spoilt of ["key", "."]) {
    const file = join(folder(t), "whodunit", "key");
    await readOrMakeKey(file);
    chownSync(join(file, "..", spoilt), 65_534, 65_534);
    await assert.rejects(readOrMakeKey(file), /belongs to user 65534, and this process runs as 0/);
  }
});

test("readOrMakeKey() says why there is none where nothing can be written", async () => {
  for (const file of ["/proc/a/whodunit/key", "/dev/null/whodunit/key"]) {
    await assert.rejects(readOrMakeKey(file), /ENOENT|ENOTDIR|EACCES|EPERM/);
    assert.equal(existsSync(file), false);
  }
});
