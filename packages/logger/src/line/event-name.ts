import { type EncodedText, encode } from "./encoded-text.ts";
import type { ResolvedNames } from "./field-names.ts";

/** A name of a line, ready to be written. */
export interface EventName {
  readonly name: string;
  /** `","msg":"name","service":"service"`, as the logger calls these: it closes the time before it. */
  readonly text: EncodedText;
}

/** The event of this full name, in the lines of `service`. Both must be names: they are not escaped. */
export function eventName(name: string, service: string, names: ResolvedNames): EventName {
  return { name, text: encode(`","${names.msg}":"${name}","${names.service}":"${service}"`) };
}
