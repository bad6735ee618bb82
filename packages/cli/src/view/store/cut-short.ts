import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

const HEADER_BYTES = 100;

/**
 * Whether a database's file lacks pages at its end. Its header tells how many there are (SQLite file format, 1.3.8);
 * else a file that a full disk or a copy cut short would be found out only when a page is missing. What stands in the
 * log beside it may not have come to its place yet, so then it is left to SQLite.
 */
export function isCutShort(path: string): boolean {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return false;
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return false;
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return true;
    if (!header.toString("latin1").startsWith("SQLite format 3\0")) return false;
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    return fstatSync(file).size < pageBytes * header.readUInt32BE(28);
  } finally {
    closeSync(file);
  }
}
