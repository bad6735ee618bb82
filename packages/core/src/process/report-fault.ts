import { errorCode, errorType } from "../text/error-type.ts";
import { harmlessText } from "../text/harmless-text.ts";
import { FAULTS, type FaultCode } from "./fault-codes.ts";

const told = new Set<string>();

/**
 * Tells that Whodunit's own code or a callback given to it failed: one Node warning of type `WhodunitWarning` for each
 * code, and subject, in a process. Telemetry must not throw into the service, and must not hide that it is broken.
 *
 * @param about which of several things that share the code, such as a step's name
 */
export function reportFault(code: FaultCode, error: unknown, about?: string): void {
  const key = about === undefined ? code : `${code} ${about}`;
  if (told.has(key)) return;
  told.add(key);
  const { happened, remedy } = FAULTS[code];
  // Only the type and code of the error: a message may hold what redaction has not seen.
  const reason = `${errorType(error)} ${errorCode(error) ?? ""}`.trim();
  // What it is about may hold what a stranger wrote, and Node prints it to the developer's terminal as it is.
  process.emitWarning(harmlessText(`${key} failed with ${reason}; told once. ${happened} ${remedy}`), {
    type: "WhodunitWarning",
    code,
  });
}
