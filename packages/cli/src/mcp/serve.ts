import { Readable, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Terminal } from "../terminal/terminal.ts";
import { NOTE } from "./answer.ts";
import type { Given } from "./given.ts";
import { addTools } from "./tools.ts";

const INSTRUCTIONS = `Answers what happens to requests between services. Ask investigate first; stat and edges give its \
figures, lines and traces what failed requests left behind. Each claim names its source. ${NOTE}`;

/** How a server is started. */
export interface ServeOptions extends Pick<Terminal, "stdin" | "stdout" | "signal"> {
  readonly version: string;
  /** Hears of messages that are none of the protocol's. */
  readonly tell: (text: string) => void;
}

/**
 * Speaks the Model Context Protocol, of 2025 and of 2026, on stdin and stdout, until stdin ends; what was asked before is
 * answered still. Writes nothing else to stdout.
 */
export async function serve(
  given: Given,
  { stdin, stdout, signal, version, tell }: ServeOptions,
): Promise<void> {
  const running = new Set<Promise<unknown>>();
  const run = (answer: Promise<unknown>): void => {
    running.add(answer);
    void answer.finally(() => running.delete(answer));
  };
  const answered = async (): Promise<void> => {
    // What was read last is taken up within a turn of the event loop, and its answer written within one more.
    do {
      await turn();
      await turn();
      await Promise.allSettled(running);
      await turn();
    } while (running.size > 0);
  };
  const transport = new StdioServerTransport(
    Readable.from(untilAnswered(stdin, answered)),
    new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _encoding, done) => {
        stdout.write(chunk.toString());
        done();
      },
    }),
  );
  const ended = Promise.withResolvers<void>();
  const server = serveStdio(
    () => {
      const mcp = new McpServer({ name: "whodunit", version }, { instructions: INSTRUCTIONS });
      addTools(mcp, given, run);
      return mcp;
    },
    { transport, onerror: ({ message }) => tell(message) },
  );
  const onclose = transport.onclose;
  transport.onclose = () => {
    onclose?.();
    ended.resolve();
  };
  const stop = (): void => void server.close().then(ended.resolve, ended.resolve);
  signal?.addEventListener("abort", stop, { once: true });
  await ended.promise;
  signal?.removeEventListener("abort", stop);
}

async function* untilAnswered(
  stdin: Terminal["stdin"],
  answered: () => Promise<void>,
): AsyncIterable<Buffer> {
  for await (const chunk of stdin) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  await answered();
}
