/** What was looked at. */
export type Area =
  | "reached"
  | "access"
  | "traffic"
  | "routes"
  | "version"
  | "clock"
  | "callers"
  | "exporter"
  | "health"
  | "level"
  | "redaction";

/** One thing that is set up, or is not. */
export interface Finding {
  readonly area: Area;
  readonly ok: boolean;
  readonly says: string;
  /** The line to change; null where nothing is to be done. */
  readonly fix: string | null;
}

/** Says that something is set up. */
export const good = (area: Area, says: string): Finding => ({ area, ok: true, says, fix: null });

/** Says that something is not, and the line to change. */
export const bad = (area: Area, says: string, fix: string): Finding => ({ area, ok: false, says, fix });
