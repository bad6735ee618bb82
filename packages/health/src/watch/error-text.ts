import { errorType } from "@whodunit/core";
import type { Redactor } from "@whodunit/redaction";
import { loadRedaction } from "#load";

/** What is kept of an error: never the error, whose fields nobody has looked through. */
export interface Fault {
  /** Its class and code, such as `Error ECONNREFUSED`. Made of identifiers only, so it may go anywhere. */
  readonly code: string;
  /** Its messages with their causes, redacted, at most 500 characters. For authorised readers: it may name hosts. */
  readonly text: string;
}

/** What an error's text is cleaned by. */
export type TextRedactor = Pick<Redactor, "redactText">;

/** The default redactor, loaded and built for the first text: it takes longer than all else here, and errors are few. */
export function redactorInNeed(): TextRedactor {
  let made: TextRedactor | undefined;
  return {
    redactText(text, maxLength) {
      made ??= loadRedaction().createRedactor();
      return made.redactText(text, maxLength);
    },
  };
}

const TEXT_MAX_LENGTH = 500;
const CAUSES_MAX = 4;
const CLASS = /^[A-Za-z]\w{0,60}$/;
// errno and Node codes, SQLSTATE (28P01), numbers of AMQP and MySQL.
const CODE = /^(?:[A-Z][A-Z0-9_]{1,60}|[0-9][0-9A-Z]{4}|\d{1,6})$/;

/** Reads an error, of whatever shape, without trusting it. Never throws. */
export function describeError(error: unknown, redactor: TextRedactor): Fault {
  try {
    const chain = causes(error);
    const named = chain
      .filter((link) => typeof link === "object")
      .map(errorType)
      .find((name) => CLASS.test(name));
    const code = chain
      .map((link) => String(read(link, "code") ?? read(link, "errno") ?? ""))
      .find((text) => CODE.test(text));
    const parts = [...new Set(chain.map((link) => String(read(link, "message") ?? link)))];
    return {
      code: `${named ?? "Error"} ${code ?? ""}`.trim(),
      text: redactReason(parts.join(": "), redactor),
    };
  } catch {
    // A getter that throws, a Proxy: that is all there is to tell.
    return { code: "Error", text: "an error that cannot be shown" };
  }
}

/** A reason as an authorised reader may see it: redacted, at most 500 characters. */
export function redactReason(reason: string, redactor: TextRedactor): string {
  // Cut before, so that a huge message is cheap, and again after: what the first cut leaves of a secret at its
  // end is far behind the second.
  return redactor.redactText(reason.slice(0, 8 * TEXT_MAX_LENGTH)).slice(0, TEXT_MAX_LENGTH);
}

// The error, its cause (or the first of an AggregateError, which fetch and net throw for several addresses), …
function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let link = error;
  while (link !== undefined && link !== null && chain.length < CAUSES_MAX && !chain.includes(link)) {
    chain.push(link);
    const errors = read(link, "errors");
    link = read(link, "cause") ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return chain;
}

function read(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
