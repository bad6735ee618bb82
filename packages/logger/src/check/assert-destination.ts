import { AssertionError } from "node:assert";
import { checkShape, integer, type Shape } from "@whodunit/core";
import { type DestinationUnderTest, RULES } from "./destination-rules.ts";

/** How patient {@link assertDestination} is. */
export interface DestinationCheckOptions {
  /** How long lines may take to come out, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
}

const SHAPE = { timeoutMs: integer(1, 600_000) } satisfies Shape<DestinationCheckOptions>;

/**
 * Fails when a destination of your own does not do what `createLogger` counts on: lines come out whole, once and in
 * order; `flush` and `flushSync` keep their word; what waits is told by `writableLength`, or bounded. Nothing is
 * asked of what a destination, or its other end, does not have.
 *
 * @param make makes a destination and its other end, afresh for each rule
 * @throws AssertionError that names each broken rule and says how it was broken
 * @example
 * await assertDestination(() => {
 *   let text = "";
 *   return { destination: { write: (line) => void (text += line) }, received: () => text };
 * });
 */
export async function assertDestination(
  make: () => DestinationUnderTest | Promise<DestinationUnderTest>,
  options: DestinationCheckOptions = {},
): Promise<void> {
  checkShape("assertDestination", options, SHAPE);
  const { timeoutMs = 5_000 } = options;
  const rules = Object.entries(RULES);
  const broken: string[] = [];
  for (const [rule, keep] of rules) {
    const subject = await make();
    try {
      await keep(subject, timeoutMs);
    } catch (error) {
      broken.push(`  ${rule}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await subject.close?.();
    }
  }
  if (broken.length === 0) return;
  throw new AssertionError({
    message: `The destination breaks ${broken.length} of ${rules.length} rules:\n${broken.join("\n")}`,
    stackStartFn: assertDestination,
  });
}
