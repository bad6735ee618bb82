/** What a service of the soak tells of itself. */
export interface SoakReport {
  /** How often the handler ran. */
  readonly requests: number;
  /** How often it called another service. */
  readonly calls: number;
  /** After a full collection. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** What keeps the process's event loop alive, by kind. */
  readonly resources: readonly string[];
  /** Listeners of the process. */
  readonly listeners: number;
  readonly lines: { readonly debug: number; readonly error: number; readonly dropped: number } | undefined;
  readonly spans:
    | {
        readonly ended: number;
        readonly exported: number;
        readonly unsampled: number;
        readonly pending: number;
        readonly dropped: number;
      }
    | undefined;
}
