/** Where a command reads and writes, and when it must end; a script or a test gives its own. */
export interface Terminal {
  readonly stdin: AsyncIterable<string | Buffer> & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends commands that otherwise go on: `--watch`, `tap`. */
  readonly signal?: AbortSignal | undefined;
}

/** Somewhere to write text. */
export interface Output {
  /** Writes a text as it is. */
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Colours a text, or leaves it as it is. */
export type Paint = (style: "red" | "green" | "yellow" | "bold" | "dim", text: string) => string;

/** Leaves every text as it is. */
export const plain: Paint = (_style, text) => text;

// ECMA-48, select graphic rendition. Node 22.15's styleText decides by the process's own stdout, which io may not be.
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** Colours on a terminal only, and not where NO_COLOR (no-color.org) is set to anything. */
export function paintFor({ stdout, env }: Pick<Terminal, "stdout" | "env">): Paint {
  if (stdout.isTTY !== true || (env.NO_COLOR ?? "") !== "") return plain;
  return (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;
}
