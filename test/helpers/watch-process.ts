import type { TestContext } from "node:test";

/** What has nobody who listens ends a process; until the test ends it is gathered here. The test must see none of it. */
export function watchProcess(t: TestContext): unknown[] {
  const seen: unknown[] = [];
  const note = (error: unknown): void => void seen.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  t.after(() => process.off("uncaughtException", note).off("unhandledRejection", note));
  return seen;
}
