/** Where a command reads and writes; a test gives its own. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & AsyncIterable<string | Buffer>;
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}
