import type { McpServer, StandardSchemaWithJSON, ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import { ANSWER_SCHEMA, answerOf, errorOf, type Found } from "./answer.ts";
import { findCulprit } from "./find-culprit.ts";
import { type Given, secondsOf } from "./given.ts";
import { tellEdges, tellHealth, tellStat } from "./tell-figures.ts";
import { tellLines, tellSummary, tellTraces } from "./tell-records.ts";

const word = (what: string) => z.string().min(1).max(200).optional().describe(what);
const window = z.enum(["10s", "1m", "10m"]).default("1m").describe("which requests: those of the last …");
const at = z.iso
  .datetime({ offset: true })
  .optional()
  .describe("of a store, or of a view alone: the moment the window ends, such as 2026-11-20T03:12:00Z");
const sinceMinutes = z
  .number()
  .int()
  .min(1)
  .max(10_080)
  .optional()
  .describe("only of the last so many minutes");
const search = word('words, "phrases", wor* and field:value that must all be there');
const traceId = z
  .string()
  .regex(/^[\da-f]{32}$/i)
  .optional()
  .describe("the id of a trace, 32 hexadecimal digits");

// Nothing is changed anywhere, the same question may be asked again, and only what was given at the start is asked.
const READ_ONLY: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Tells of each call of a tool, so that what was asked is answered before the server ends. */
export type Running = (answer: Promise<unknown>) => void;

/**
 * Gives a server the seven tools. None takes an address or a file: whom they ask and what they read was said when the server
 * was started.
 */
export function addTools(server: McpServer, given: Given, running: Running): void {
  const add = <Input>(
    name: string,
    title: string,
    description: string,
    inputSchema: StandardSchemaWithJSON<unknown, Input>,
    find: (input: Input) => Promise<Found>,
  ): void => {
    const config = { title, description, inputSchema, outputSchema: ANSWER_SCHEMA, annotations: READ_ONLY };
    // What goes wrong is an answer too: a failure of the protocol would tell the assistant nothing.
    server.registerTool(name, config, (input: Input) => {
      const answer = find(input).then(answerOf).catch(errorOf);
      running(answer);
      return answer;
    });
  };
  add(
    "investigate",
    "Who is murdering requests",
    "Names the service and route at fault, since when, who suffers, why, what was changed, and a failing trace. Ask this first.",
    z.strictObject({ window, at }),
    ({ window, at }) => findCulprit(given, { windowS: secondsOf(window), at }),
  );
  add(
    "stat",
    "Success, rate and latency per route",
    "Requests of each route: the share that ended well, how many a second, and latencies. Those that fail most come first.",
    z.strictObject({
      window,
      at,
      service: word("only routes of this service"),
      from: word("only requests of this caller"),
      to: word("only requests to this callee, as their callers saw them"),
    }),
    ({ window, ...input }) => tellStat(given, { ...input, windowS: secondsOf(window) }),
  );
  add(
    "edges",
    "Who calls whom",
    "Requests between services, with success, rate and latency. Those that fail most come first.",
    z.strictObject({ window, at, service: word("only edges from and to this service") }),
    ({ window, ...input }) => tellEdges(given, { ...input, windowS: secondsOf(window) }),
  );
  add(
    "health",
    "What services say of their own health",
    "Each service's status and the entries that are not OK. Health may be well while requests fail.",
    z.strictObject({ at }),
    (input) => tellHealth(given, input.at),
  );
  add(
    "summary",
    "What needed attention, by name",
    "Error lines counted by name, from the log files the server was started with, else from the view (the last hour unless said).",
    z.strictObject({
      name: word("only names that begin so"),
      service: word("only of this service; of a view only"),
      sinceMinutes,
    }),
    (input) => tellSummary(given, input),
  );
  add(
    "lines",
    "Log lines",
    "Log lines that the view holds, the latest first.",
    z.strictObject({
      search,
      service: word("only of this service"),
      level: word("only of this level; error is all that asks for attention"),
      name: word("only of exactly this name"),
      traceId,
      sinceMinutes,
    }),
    (input) => tellLines(given, input),
  );
  add(
    "traces",
    "Traces",
    "Traces that the view holds, the latest first; with traceId the spans of that one.",
    z.strictObject({
      traceId,
      search,
      service: word("only with a span of this service"),
      route: word("only with a span of this name"),
      errors: z.boolean().optional().describe("only with a failed span"),
      minMs: z.number().min(0).max(86_400_000).optional().describe("only what took so many milliseconds"),
      sinceMinutes,
    }),
    (input) => tellTraces(given, input),
  );
}
