import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type CallToolResult, Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** How `whodunit` is started as a process of its own. */
export const MAIN: readonly string[] = [
  "--conditions=@whodunit/source",
  "--disable-warning=ExperimentalWarning",
  fileURLToPath(new URL("../../src/main.ts", import.meta.url)),
];

/** What a tool answered. */
export interface Answered {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: {
    readonly note: string;
    readonly answer: string;
    readonly facts: Readonly<Record<string, string | number | null>>;
    readonly claims: readonly { readonly claim: string; readonly source: string }[];
    readonly leftOut: number;
    readonly narrower: string | null;
  };
}

// What is no matter of the command: Node finds there what it has compiled before.
const { NODE_COMPILE_CACHE } = process.env;
const ENV = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** An assistant that has started `whodunit mcp` with these arguments; both end with the test. */
export async function assistant(
  t: TestContext,
  args: readonly string[],
  era: "legacy" | "auto" = "auto",
): Promise<{ client: Client; ask: (tool: string, input?: object) => Promise<Answered> }> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: era } });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...MAIN, "mcp", ...args],
    env: ENV,
  });
  await client.connect(transport);
  t.after(() => client.close());
  const ask = async (name: string, input: object = {}): Promise<Answered> => {
    const answer = (await client.callTool({ name, arguments: { ...input } })) as CallToolResult;
    const [content] = answer.content;
    return {
      isError: answer.isError === true,
      text: content?.type === "text" ? content.text : "",
      structured: answer.structuredContent as unknown as Answered["structured"],
    };
  };
  return { client, ask };
}
