import type { DatabaseSync } from "node:sqlite";

/**
 * What a segment holds, each step on top of those before. A file says in `user_version` how many it has.
 *
 * The indexes of words hold no text of their own (`content=''`): what they find stands in the tables. They are written
 * once and go with their file.
 */
export const STEPS: readonly string[] = [
  `
  CREATE TABLE written (at_ms REAL NOT NULL);
  INSERT INTO written VALUES (0);
  CREATE TABLE spans (
    id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL, span_id TEXT NOT NULL, service TEXT NOT NULL,
    start_ms REAL NOT NULL, error INTEGER NOT NULL, body TEXT NOT NULL
  );
  CREATE UNIQUE INDEX spans_by_trace ON spans (trace_id, span_id);
  CREATE VIRTUAL TABLE spans_words USING fts5 (text, terms, content='', detail='full', tokenize='unicode61');
  CREATE TABLE traces (
    id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL UNIQUE, start_ms REAL NOT NULL, end_ms REAL NOT NULL,
    spans INTEGER NOT NULL, errors INTEGER NOT NULL, root_service TEXT NOT NULL, root_name TEXT NOT NULL,
    root_is_top INTEGER NOT NULL, root_start_ms REAL NOT NULL
  );
  CREATE INDEX failed_traces ON traces (id) WHERE errors > 0;
  CREATE TABLE lines (
    id INTEGER PRIMARY KEY, time_ms REAL NOT NULL, service TEXT NOT NULL, level TEXT NOT NULL, failed INTEGER NOT NULL,
    name TEXT NOT NULL, text TEXT NOT NULL, trace_id TEXT, span_id TEXT, count INTEGER NOT NULL, fields TEXT NOT NULL
  );
  CREATE INDEX lines_by_trace ON lines (trace_id) WHERE trace_id IS NOT NULL;
  CREATE VIRTUAL TABLE lines_words USING fts5 (text, terms, content='', detail='full', tokenize='unicode61');
  CREATE TABLE line_minutes (
    minute INTEGER NOT NULL, service TEXT NOT NULL, name TEXT NOT NULL, failed INTEGER NOT NULL, count INTEGER NOT NULL,
    first_ms REAL NOT NULL, last_ms REAL NOT NULL, PRIMARY KEY (minute, service, name, failed)
  ) WITHOUT ROWID;
  CREATE TABLE traffic_minutes (
    minute INTEGER NOT NULL, service TEXT NOT NULL, route TEXT NOT NULL, requests INTEGER NOT NULL,
    failures INTEGER NOT NULL, bins TEXT NOT NULL, PRIMARY KEY (minute, service, route)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE call_minutes (
    minute INTEGER NOT NULL, what TEXT NOT NULL, service TEXT NOT NULL, name TEXT NOT NULL, target TEXT NOT NULL,
    requests INTEGER NOT NULL, failures INTEGER NOT NULL, bins TEXT NOT NULL,
    PRIMARY KEY (minute, what, service, name, target)
  ) WITHOUT ROWID;
  CREATE TABLE metric_minutes (
    minute INTEGER NOT NULL, service TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
    series TEXT NOT NULL, points INTEGER NOT NULL, total REAL NOT NULL,
    PRIMARY KEY (minute, service, name, unit, kind, series)
  ) WITHOUT ROWID;
  CREATE TABLE health_changes (
    at_ms REAL NOT NULL, since_ms REAL NOT NULL, service TEXT NOT NULL, probe TEXT NOT NULL, from_status TEXT NOT NULL,
    to_status TEXT NOT NULL, critical INTEGER, error TEXT NOT NULL, PRIMARY KEY (service, probe, at_ms)
  ) WITHOUT ROWID;
  CREATE TABLE changes (
    at_ms REAL NOT NULL, service TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, version TEXT NOT NULL,
    instance TEXT NOT NULL, PRIMARY KEY (at_ms, service, kind, what, instance)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE begun (at_ms REAL NOT NULL);
  INSERT INTO begun SELECT max(at_ms) FROM written;
  `,
];

/**
 * Brings a file to the newest schema. Each step is whole or not at all.
 *
 * @throws Error when a newer whodunit wrote it
 */
export function migrate(database: DatabaseSync, steps: readonly string[] = STEPS): void {
  const { user_version: found } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (found > steps.length)
    throw new Error(
      `it was written by a newer whodunit: its schema is ${found}, this one knows ${steps.length}`,
    );
  for (let version = found; version < steps.length; version++) {
    database.exec("BEGIN IMMEDIATE");
    try {
      database.exec(`${steps[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }
}
