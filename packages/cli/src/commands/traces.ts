import type { Command } from "commander";
import { isSpan } from "../investigate/find-trace.ts";
import { findTraceLines } from "../investigate/trace-lines.ts";
import { renderTraceLines } from "../investigate/trace-lines-text.ts";
import { isRecord } from "../is-record.ts";
import { askView } from "../sources/view/ask-view.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { renderTable } from "../terminal/table.ts";
import { duration, renderWaterfall } from "../view/waterfall.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { countOption, durationOption, outputOption, timeOption, tokenOption, viewOption } from "./options.ts";

interface TracesFlags {
  readonly view: string;
  readonly token?: string;
  readonly service?: string;
  readonly route?: string;
  readonly errors?: true;
  readonly min?: number;
  readonly max?: number;
  readonly since?: number;
  readonly at?: Date;
  readonly limit: number;
  readonly output: "table" | "json";
}

const HELP = `
Examples:
  $ whodunit traces --errors --service web --min 250ms
  $ whodunit traces http.response.status_code:500 'no sugar'
  $ whodunit traces 5c522f9b5c522f9b5c522f9b5c522f9b      the spans of one, and its lines

Words, "phrases", beginnings (wor*) and attribute:value must all be in one span. The latest trace comes first.`;

/** `whodunit traces [search…]`. */
export function addTraces(program: Command, { terminal, exit }: Context): void {
  program
    .command("traces")
    .description("traces that a running view holds, or the spans of one")
    .argument("[search...]", "what a span must hold, or the id of a trace")
    .addOption(viewOption())
    .option("--service <name>", "only with a span of this service")
    .option("--route <name>", "only with a span of this name")
    .option("--errors", "only with a failed span")
    .option("--min <duration>", "only what took so long, such as 250ms", durationOption)
    .option("--max <duration>", "only what took no longer", durationOption)
    .option("--since <duration>", "only of the last 10m, 24h, …", durationOption)
    .option("--at <time>", "only before that moment, 2026-11-20T03:12:00Z or 03:12 of today", timeOption)
    .option("-n, --limit <n>", "how many at most", countOption(1_000), 50)
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (search: string[], flags: TracesFlags) => {
      const { view, service, route, errors, min, max, since, at, limit, output } = flags;
      const token = tokenOf(flags.token, terminal);
      if (search.length === 1 && /^[\da-f]{32}$/i.test(search[0]!)) {
        const { spans } = await askView(view, `api/traces/${search[0]}`, {}, token);
        const own = (Array.isArray(spans) ? spans : []).filter(isSpan);
        terminal.stdout.write(output === "json" ? `${jsonText(own, 2)}\n` : renderWaterfall(own));
        const lines =
          output === "json"
            ? []
            : await findTraceLines({ files: [], view, token }, [search[0]!.toLowerCase()]);
        if (lines.length > 0) terminal.stdout.write(`\n${renderTraceLines(lines)}\n`);
        if (own.length === 0) {
          complain(terminal, `${view} answered with no trace`);
          exit(EXIT.unreached);
        }
        return;
      }
      const to = at?.getTime();
      const from = since === undefined ? undefined : (to ?? Date.now()) - since;
      const error = errors === true ? "true" : undefined;
      const parameters = {
        search: search.join(" ") || undefined,
        service,
        route,
        error,
        minMs: min,
        maxMs: max,
        from,
        to,
        limit,
      };
      const { traces } = await askView(view, "api/traces", parameters, token);
      const found = (Array.isArray(traces) ? traces : []).filter(isRecord);
      if (output === "json") terminal.stdout.write(`${jsonText(found, 2)}\n`);
      else if (found.length === 0) terminal.stderr.write("No trace fits.\n");
      else terminal.stdout.write(renderTraces(found));
    });
}

function renderTraces(traces: readonly Readonly<Record<string, unknown>>[]): string {
  const right = (heading: string) => ({ heading, align: "right" as const });
  const left = (heading: string) => ({ heading, align: "left" as const });
  return renderTable(
    [
      left("STARTED"),
      left("TRACE"),
      left("SERVICE"),
      left("REQUEST"),
      right("SPANS"),
      right("FAILED"),
      right("TOOK"),
    ],
    traces.map(({ startMs, traceId, root, spans, errors, durationMs }) => {
      const { service, name } = isRecord(root) ? root : {};
      const started =
        typeof startMs === "number" && Math.abs(startMs) <= 8.64e15 ? new Date(startMs).toISOString() : "-";
      const took = typeof durationMs === "number" ? duration(durationMs) : "-";
      return [started, String(traceId), String(service), String(name), String(spans), String(errors), took];
    }),
  );
}
