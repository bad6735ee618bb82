import type { Operation } from "../operation.ts";

/** A TracingChannel of a driver, and what is made of its operations. */
export interface DriverChannel {
  readonly name: string;
  /** The operation that a message begins; undefined for none. */
  start(message: never): Operation | undefined;
  /** Whether what the driver calls back at the end runs where the operation was begun: else it runs where its socket is read. */
  readonly restores?: true;
  /** The system whose operations are part of this one. */
  readonly encloses?: string;
}
