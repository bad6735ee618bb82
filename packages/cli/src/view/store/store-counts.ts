/** What the store has taken and let go. */
export interface StoreCounts {
  /** Traces, spans and lines that are here. */
  readonly traces: number;
  readonly spans: number;
  readonly lines: number;
  /** What the files take. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Spans taken since the start. */
  readonly received: number;
  /** Lines taken since the start. */
  readonly receivedLines: number;
  /** Spans that had to make room. */
  readonly evicted: number;
  /** Spans of a trace that had grown too big, and spans and lines that could not be written. */
  readonly dropped: number;
  /** What keeps the store from writing; null while it is well. */
  readonly problem: string | null;
}
