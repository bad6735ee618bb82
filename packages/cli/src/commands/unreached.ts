import { EXIT } from "../exit-code.ts";
import type { Survey } from "../sources/live/survey.ts";
import { printable } from "../table.ts";
import type { Context } from "./command-context.ts";

/** Names the given services that could not be reached. False when none could. */
export function reportUnreached({ services, unreached }: Survey, { terminal, exit }: Context): boolean {
  const given = unreached.filter((one) => one.given);
  for (const { address, error } of given)
    terminal.stderr.write(`whodunit: ${printable(`${address} ${error}`)}\n`);
  if (given.length > 0) exit(EXIT.unreached);
  return services.length > 0;
}
