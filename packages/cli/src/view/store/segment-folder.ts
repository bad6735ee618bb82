import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Span } from "../span.ts";
import { type Batch, Segment } from "./segment.ts";

/** Where segments are kept, and how many. */
export interface FolderOptions {
  readonly folder: string;
  /** Whether it must outlive the machine's crash, not only this process's. */
  readonly lasting: boolean;
  /** How many bytes all files may take. */
  readonly maxBytes: number;
  /** How old anything may get. */
  readonly maxAgeMs: number;
  /** Tells whoever runs the command what went wrong with a file. */
  readonly tell: (text: string) => void;
}

/** A segment and where it stands among the others. */
export interface Placed {
  /** `12` for the twelfth that was filled, `k3` for the third of failures that were kept. */
  readonly place: string;
  readonly segment: Segment;
}

const SEGMENTS = 8;
// What was kept of dropped segments may take this share of all.
const KEPT_SHARE = 1 / 2;
const NAME = /^(segment|kept)-(\d{6})\.db$/;

type Kind = "segment" | "kept";

interface Filed extends Placed {
  readonly kind: Kind;
  readonly number: number;
}

/**
 * A folder of segments: one is filled, the others are read. When they are too many or too old the oldest goes whole; what
 * failed in it is kept apart, and goes when nothing else is left.
 */
export class SegmentFolder {
  readonly #options: FolderOptions;
  readonly #lock: DatabaseSync;
  // The oldest first.
  #filed: Filed[] = [];
  #evictedSpans = 0;

  /** @throws Error that says why the folder cannot be used: another process has it, it cannot be written */
  constructor(options: FolderOptions) {
    this.#options = options;
    const { folder, tell } = options;
    try {
      checkWritable(folder);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#lock = lock(folder);
    } catch (error) {
      throw new Error(`cannot keep data in ${folder}: ${sayWhy(error)}`);
    }
    try {
      for (const name of readdirSync(folder).sort()) {
        const [, kind, number] = NAME.exec(name) ?? [];
        if (kind === undefined) continue;
        try {
          this.#open(kind as Kind, Number(number));
        } catch (error) {
          if (isNewer(error)) throw new Error(`cannot keep data in ${folder}: ${name}: ${sayWhy(error)}`);
          renameSync(join(folder, name), join(folder, `${name}.broken`));
          tell(`${name} cannot be read and is set aside as ${name}.broken: ${sayWhy(error)}`);
        }
      }
      if (this.#last("segment") === undefined) this.#open("segment", 1);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** All segments, the newest first; what was kept of older ones last. */
  get newestFirst(): readonly Placed[] {
    const of = (kind: Kind): Filed[] => this.#filed.filter((one) => one.kind === kind).reverse();
    return [...of("segment"), ...of("kept")];
  }

  /** How many bytes all files take. */
  get bytes(): number {
    return this.#filed.reduce((sum, { segment }) => sum + segment.bytes, 0);
  }

  /** Spans that had to make room. */
  get evictedSpans(): number {
    return this.#evictedSpans;
  }

  /** Writes a batch, whole or not at all. Returns the spans that were not here yet. */
  write(batch: Batch): Span[] {
    let current = this.#last("segment")!;
    if (this.#isFilled(current)) {
      current.segment.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      current = this.#open("segment", current.number + 1);
    }
    const fresh = current.segment.write(batch);
    this.makeRoom();
    return fresh;
  }

  /** Drops what is too much or too old. */
  makeRoom(now: number = Date.now()): void {
    const { maxBytes, maxAgeMs } = this.#options;
    const isTooOld = ({ segment: { writtenMs } }: Filed): boolean =>
      writtenMs > 0 && writtenMs < now - maxAgeMs;
    for (;;) {
      const [oldest] = this.#filed.filter(({ kind }) => kind === "segment") as [Filed, ...Filed[]];
      const [kept] = this.#filed.filter(({ kind }) => kind === "kept");
      const isOnly = oldest === this.#last("segment");
      if (kept !== undefined && isTooOld(kept)) this.#drop(kept);
      else if (isTooOld(oldest)) {
        if (isOnly) this.#open("segment", oldest.number + 1);
        this.#drop(oldest);
      } else if (this.bytes <= maxBytes) return;
      else if (kept !== undefined && (isOnly || this.#bytesOf("kept") > maxBytes * KEPT_SHARE))
        this.#drop(kept);
      else if (isOnly) return;
      else this.#dropButFailures(oldest);
    }
  }

  /** Drops the oldest segment to get room on a full disk. False when there is none but the one in use. */
  giveWay(): boolean {
    const [oldest, ...others] = this.#filed;
    if (oldest === undefined || others.length === 0 || oldest === this.#last("segment")) return false;
    this.#drop(oldest);
    return true;
  }

  close(): void {
    for (const { segment } of this.#filed) segment.close();
    this.#filed = [];
    this.#lock.close();
  }

  #open(kind: Kind, number: number): Filed {
    const { folder, lasting } = this.#options;
    const path = join(folder, `${kind}-${String(number).padStart(6, "0")}.db`);
    const place = `${kind === "kept" ? "k" : ""}${number}`;
    const filed = { kind, number, place, segment: new Segment(path, lasting) };
    this.#filed.push(filed);
    return filed;
  }

  #last(kind: Kind): Filed | undefined {
    return this.#filed.findLast((one) => one.kind === kind);
  }

  // By its bytes, or by its time: a file goes whole, and all of it may get as old as it is long.
  #isFilled({ segment }: Filed): boolean {
    const { maxBytes, maxAgeMs } = this.#options;
    const { begunMs } = segment;
    return (
      segment.bytes >= maxBytes / SEGMENTS || (begunMs > 0 && begunMs < Date.now() - maxAgeMs / SEGMENTS)
    );
  }

  #bytesOf(kind: Kind): number {
    return this.#filed.reduce((sum, one) => (one.kind === kind ? sum + one.segment.bytes : sum), 0);
  }

  #dropButFailures(oldest: Filed): void {
    const { tell } = this.#options;
    let kept = this.#last("kept");
    if (kept === undefined || this.#isFilled(kept)) kept = this.#open("kept", (kept?.number ?? 0) + 1);
    try {
      this.#evictedSpans -= kept.segment.takeFailuresOf(oldest.segment);
    } catch (error) {
      tell(`failures of ${oldest.segment.path} are lost: ${sayWhy(error)}`);
    }
    this.#drop(oldest);
  }

  #drop(filed: Filed): void {
    const { spans } = filed.segment.prepare("SELECT count(*) AS spans FROM spans").get() as { spans: number };
    this.#evictedSpans += spans;
    this.#filed = this.#filed.filter((one) => one !== filed);
    filed.segment.drop();
  }
}

// mkdir says of a read-only disk that there is no such folder, and SQLite that it cannot open a file.
function checkWritable(folder: string): void {
  let above = resolve(folder);
  while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
  accessSync(above, constants.W_OK);
}

/** The file by which a folder is held. */
export const LOCK = "in-use.db";

/**
 * Holds a folder as long as the process lives; the kernel lets it go however that ends.
 *
 * @throws Error when another process holds it
 */
export function lock(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, LOCK));
  try {
    database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (id); COMMIT",
    );
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    throw isBusy(error) ? new Error("another whodunit view has it in use") : error;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const isBusy = (error: unknown): boolean => [SQLITE_BUSY, SQLITE_LOCKED].includes(sqliteCode(error) ?? 0);
const isNewer = (error: unknown): boolean =>
  error instanceof Error && error.message.includes("newer whodunit");

/** SQLite's code of an error (sqlite.org/rescode.html), without what further it tells; null where it is none. */
export function sqliteCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : null;
}

/** An error in words. */
export function sayWhy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
