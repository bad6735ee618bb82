const told = new Set<string>();

/**
 * Tells that Whodunit's own code or a callback given to it failed, as one Node warning per `code` and
 * process. Telemetry must not throw into the service, and must not hide that it is broken either.
 */
export function reportFault(code: string, error: unknown): void {
  if (told.has(code)) return;
  told.add(code);
  let reason = "an error that cannot be shown";
  try {
    // Only the class and code: a message may hold what redaction has not seen.
    reason =
      error instanceof Error
        ? `${error.name} ${(error as { code?: unknown }).code ?? ""}`.trim()
        : typeof error;
  } catch {}
  process.emitWarning(`${code} failed with ${reason}; told once`, { type: "WhodunitWarning", code });
}
