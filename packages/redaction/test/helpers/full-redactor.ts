import { createRedactor, type RedactorOptions } from "@whodunit/redaction";
import { type SerialiserRedactor, serialiserOf } from "@whodunit/redaction/serialiser";

/** A redactor with the methods for serialisers. */
export const createFullRedactor = (options: RedactorOptions = {}): SerialiserRedactor =>
  serialiserOf(createRedactor(options));
