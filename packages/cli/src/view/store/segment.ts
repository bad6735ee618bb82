import { rmSync, statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { History } from "../history/history.ts";
import type { Line } from "../line.ts";
import { isFailure, isInbound } from "../map/span-role.ts";
import type { Span } from "../span.ts";
import { binOf, readBins, writeBins } from "./bins.ts";
import { isCutShort } from "./cut-short.ts";
import { copyHistory, INSERT, writeHistory } from "./history-tables.ts";
import { type LineRow, readLine } from "./line-row.ts";
import { migrate } from "./schema.ts";
import { indexOf } from "./terms.ts";

/** A span, and the text that is kept of it. */
export interface SpanRow {
  readonly span: Span;
  readonly body: string;
}

/** What is written at once. */
export interface Batch {
  readonly spans: readonly SpanRow[];
  readonly lines: readonly Line[];
  readonly history?: History;
}

const MINUTE_MS = 60_000;
const CACHE_KIB = 4_096;
const SIDE_FILES = ["", "-wal", "-shm"] as const;

/**
 * One file of the store: spans, lines and counts of some stretch of time, each found by its words and its fields. A
 * file is filled, then only read, and at last dropped whole: nothing is ever deleted from within.
 */
export class Segment {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens or makes the file.
   *
   * @param lasting whether it must outlive the machine's crash, not only this process's
   * @throws Error that says why it cannot be read
   */
  constructor(path: string, lasting: boolean) {
    if (isCutShort(path)) throw new Error("it is cut short");
    this.path = path;
    this.database = new DatabaseSync(path);
    try {
      this.database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${lasting ? "NORMAL" : "OFF"};
        PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF`);
      migrate(this.database);
      this.database.function("merged_bins", { deterministic: true }, (a, b) =>
        writeBins(readBins(String(b), readBins(String(a)))),
      );
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /** A statement, prepared once. Values are always parameters: no query is built from what somebody wrote. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Writes a batch, whole or not at all. Returns the spans that were not here yet. */
  write({ spans, lines, history }: Batch): Span[] {
    return this.#whole(() => {
      const fresh = spans.filter((row) => this.#insertSpan(row)).map(({ span }) => span);
      this.#insertTraces(fresh);
      this.#insertTraffic(fresh);
      for (const line of lines) this.#insertLine(line);
      this.#insertLineMinutes(lines);
      if (history !== undefined) writeHistory(this, history);
      this.#setWritten(Date.now());
      return fresh;
    });
  }

  /** When something was last written, in milliseconds since 1970; 0 before. */
  get writtenMs(): number {
    return (this.prepare("SELECT at_ms AS atMs FROM written").get() as { atMs: number }).atMs;
  }

  /** When something was first written; 0 before. */
  get begunMs(): number {
    return (this.prepare("SELECT at_ms AS atMs FROM begun").get() as { atMs: number }).atMs;
  }

  /**
   * Takes over what outlives a segment: traces that failed, lines that ask for attention, and what became of services.
   * Returns how many spans were taken.
   */
  takeFailuresOf(other: Segment): number {
    return this.#whole(() => {
      const rows = other.prepare(
        "SELECT body FROM spans WHERE trace_id IN (SELECT trace_id FROM traces WHERE errors > 0)",
      );
      const spans: Span[] = [];
      for (const { body } of rows.iterate() as Iterable<{ body: string }>) {
        const span = JSON.parse(body) as Span;
        if (this.#insertSpan({ span, body })) spans.push(span);
      }
      this.#insertTraces(spans);
      for (const row of other.prepare("SELECT * FROM lines WHERE failed = 1").iterate())
        this.#insertLine(readLine(row as unknown as LineRow));
      copyHistory(other, this);
      this.#setWritten(other.writtenMs);
      return spans.length;
    });
  }

  #setWritten(ms: number): void {
    this.prepare("UPDATE written SET at_ms = max(at_ms, ?)").run(ms);
    this.prepare("UPDATE begun SET at_ms = ? WHERE at_ms = 0").run(ms);
  }

  #whole<T>(write: () => T): T {
    this.database.exec("BEGIN IMMEDIATE");
    try {
      const result = write();
      this.database.exec("COMMIT");
      return result;
    } catch (error) {
      try {
        this.database.exec("ROLLBACK");
      } catch {
        // A full disk has rolled it back already.
      }
      throw error;
    }
  }

  /** How many bytes the file takes, with what is not yet in its place. */
  get bytes(): number {
    return SIDE_FILES.reduce(
      (sum, end) => sum + (statSync(this.path + end, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  /** Closes the file and removes it. */
  drop(): void {
    this.close();
    for (const end of SIDE_FILES) rmSync(this.path + end, { force: true });
  }

  #insertSpan({ span, body }: SpanRow): boolean {
    const { traceId, spanId, service, name, kind, startMs, error, message, attributes, events } = span;
    const { changes, lastInsertRowid } = this.prepare(
      "INSERT OR IGNORE INTO spans (trace_id, span_id, service, start_ms, error, body) VALUES (?, ?, ?, ?, ?, ?)",
    ).run(traceId, spanId, service, startMs, error ? 1 : 0, body);
    if (changes === 0) return false; // Sent again after a lost answer.
    const thrown = events
      .flatMap((event) => Object.values(event.attributes))
      .filter((value) => typeof value === "string");
    const { text, terms } = indexOf(
      [name, message, ...thrown].join(" "),
      [
        ["service", service],
        ["name", name],
        ["kind", kind],
        ["error", String(error)],
        ["service name", `${service}\0${name}`],
        ["service error", `${service}\0${error}`],
        ["service name error", `${service}\0${name}\0${error}`],
        ["name error", `${name}\0${error}`],
      ],
      attributes,
    );
    this.prepare("INSERT INTO spans_words (rowid, text, terms) VALUES (?, ?, ?)").run(
      lastInsertRowid,
      text,
      terms,
    );
    return true;
  }

  #insertTraces(spans: readonly Span[]): void {
    const statement = this.prepare(`
      INSERT INTO traces (trace_id, start_ms, end_ms, spans, errors, root_service, root_name, root_is_top, root_start_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (trace_id) DO UPDATE SET
        start_ms = min(start_ms, excluded.start_ms), end_ms = max(end_ms, excluded.end_ms),
        spans = spans + excluded.spans, errors = errors + excluded.errors,
        root_service = iif(${BETTER_ROOT}, excluded.root_service, root_service),
        root_name = iif(${BETTER_ROOT}, excluded.root_name, root_name),
        root_start_ms = iif(${BETTER_ROOT}, excluded.root_start_ms, root_start_ms),
        root_is_top = max(root_is_top, excluded.root_is_top)`);
    for (const [traceId, own] of Map.groupBy(spans, (span) => span.traceId)) {
      const root = own.reduce(betterRoot);
      statement.run(
        traceId,
        own.reduce((start, { startMs }) => Math.min(start, startMs), Number.POSITIVE_INFINITY),
        own.reduce((end, { startMs, durationMs }) => Math.max(end, startMs + durationMs), 0),
        own.length,
        own.filter(({ error }) => error).length,
        root.service,
        root.name,
        root.parentSpanId === null ? 1 : 0,
        root.startMs,
      );
    }
  }

  #insertTraffic(spans: readonly Span[]): void {
    const statement = this.prepare(INSERT.traffic_minutes);
    const minuteOf = ({ startMs, durationMs }: Span): number =>
      Math.floor((startMs + durationMs) / MINUTE_MS);
    const groups = Map.groupBy(spans.filter(isInbound), (span) =>
      JSON.stringify([minuteOf(span), span.service, span.name]),
    );
    for (const own of groups.values()) {
      const bins = new Map<number, number>();
      for (const { durationMs } of own) bins.set(binOf(durationMs), (bins.get(binOf(durationMs)) ?? 0) + 1);
      const [{ service, name }] = own as [Span];
      statement.run(
        minuteOf(own[0]!),
        service,
        name,
        own.length,
        own.filter(isFailure).length,
        writeBins(bins),
      );
    }
  }

  #insertLine(line: Line): void {
    const { timeMs, service, level, failed, name, text, traceId, spanId, count, fields } = line;
    const { lastInsertRowid } = this.prepare(
      `INSERT INTO lines (time_ms, service, level, failed, name, text, trace_id, span_id, count, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(timeMs, service, level, failed ? 1 : 0, name, text, traceId, spanId, count, JSON.stringify(fields));
    const own: [string, string][] = [
      ["service", service],
      ["level", level],
      ["name", name],
    ];
    // Two levels to the house: what asks for attention is found as an error, whatever word it bears.
    if (failed) own.push(["level", "error"]);
    if (traceId !== null) own.push(["trace", traceId]);
    const indexed = indexOf(`${name} ${text === name ? "" : text}`, own, fields);
    this.prepare("INSERT INTO lines_words (rowid, text, terms) VALUES (?, ?, ?)").run(
      lastInsertRowid,
      indexed.text,
      indexed.terms,
    );
  }

  #insertLineMinutes(lines: readonly Line[]): void {
    const statement = this.prepare(INSERT.line_minutes);
    const groups = Map.groupBy(lines, ({ timeMs, service, name, failed }) =>
      JSON.stringify([Math.floor(timeMs / MINUTE_MS), service, name, failed]),
    );
    for (const own of groups.values()) {
      const [{ timeMs, service, name, failed }] = own as [Line];
      statement.run(
        Math.floor(timeMs / MINUTE_MS),
        service,
        name,
        failed ? 1 : 0,
        own.reduce((sum, { count }) => sum + count, 0),
        own.reduce((first, line) => Math.min(first, line.timeMs), Number.POSITIVE_INFINITY),
        own.reduce((last, line) => Math.max(last, line.timeMs), 0),
      );
    }
  }
}

// The span without a parent, or the earliest while that has not come.
const BETTER_ROOT = `(excluded.root_is_top > root_is_top OR
  (excluded.root_is_top = root_is_top AND excluded.root_start_ms < root_start_ms))`;

function betterRoot(best: Span, span: Span): Span {
  if ((best.parentSpanId === null) !== (span.parentSpanId === null))
    return best.parentSpanId === null ? best : span;
  return span.startMs < best.startMs ? span : best;
}
