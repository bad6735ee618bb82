import { Argument, type Command, Option } from "commander";
import { askJson, baseUrl, hintFor } from "../sources/live/ask.ts";
import { hearWorkers, readWorker } from "../sources/live/workers.ts";
import { renderTable } from "../terminal/table.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { checkUrl, durationOption, tokenOption } from "./options.ts";

interface LevelFlags {
  readonly for: number;
  readonly token?: string;
}

const DEFAULT_MS = 600_000;
const LEVELS = ["debug", "error", "default"] as const;

const HELP = `
Examples:
  $ whodunit level http://localhost:3000                              which levels hold
  $ whodunit level http://localhost:3000 web-votes debug --for 10m    debug lines of web-votes-…, for 10 minutes
  $ whodunit level http://localhost:3000 web-votes default            back at once`;

/** `whodunit level <url> [prefix] [level]`. */
export function addLevel(program: Command, { terminal, exit }: Context): void {
  program
    .command("level")
    .description("show log levels, or change one for a while")
    .argument("<url>", "the service", checkUrl)
    .argument("[prefix]", "the names it is for: a name or the beginning of one")
    .addArgument(new Argument("[level]", "what they are set to").choices(LEVELS))
    .addOption(forOption())
    .addOption(tokenOption())
    .addHelpText("after", HELP)
    .action(async (url: string, prefix: string | undefined, level: string | undefined, flags: LevelFlags) => {
      const token = tokenOf(flags.token, terminal);
      if ((prefix === undefined) !== (level === undefined)) {
        terminal.stderr.write("error: a prefix wants a level: debug, error or default\n");
        return exit(EXIT.usage);
      }
      const change =
        prefix === undefined
          ? undefined
          : { method: "PUT" as const, body: bodyOf(prefix, level!, flags.for) };
      const at = new URL("debug/level", baseUrl(url));
      const { answers, unheard } = await hearWorkers(
        () => askJson(at, { token, ...change }),
        (answer) => (answer.ok && answer.status === 200 ? readWorker(answer.body) : undefined),
      );
      const answer = answers[0]!;
      if (!answer.ok || answer.status !== 200) {
        const why = answer.ok ? `answered ${answer.status}${messageOf(answer.body)}` : answer.error;
        complain(terminal, `${url} ${why}${hintFor(answer.status, { token })}`);
        return exit(EXIT.unreached);
      }
      terminal.stdout.write(renderLevels(answers.map((one) => (one.ok ? one.body : undefined))));
      if (unheard === undefined) return;
      complain(
        terminal,
        `${url} answered, but ${unheard}${change === undefined ? "" : ", and may go on as before"}`,
      );
      exit(EXIT.unreached);
    });
}

const forOption = (): Option =>
  new Option("--for <duration>", "how long it holds").argParser(durationOption).default(DEFAULT_MS, "10m");

const bodyOf = (prefix: string, level: string, ttlMs: number): object =>
  level === "default" ? { prefix, level: null } : { prefix, level, ttlMs };

function messageOf(body: unknown): string {
  const { error, message } = (body ?? {}) as { error?: unknown; message?: unknown };
  const text = typeof error === "string" ? error : message;
  return typeof text === "string" ? `: ${text}` : "";
}

/** One row a level; workers of a cluster whose levels differ are named beside it. */
function renderLevels(bodies: readonly unknown[]): string {
  const rows = Map.groupBy(bodies.flatMap(levelsOf), ({ prefix, level }) => `${prefix} ${level}`);
  const isShared = [...rows.values()].every(({ length }) => length === bodies.length);
  const cells = [...rows.values()].map((same) => {
    const { prefix, level } = same[0]!;
    const until = same
      .map((one) => one.until)
      .sort()
      .at(-1)!;
    const workers = same.map(({ worker }) => worker).join(", ");
    return [prefix || "(all)", level, until, ...(isShared ? [] : [workers])];
  });
  const headings = ["PREFIX", "LEVEL", "UNTIL", ...(isShared ? [] : ["WORKERS"])];
  return renderTable(
    headings.map((heading) => ({ heading, align: "left" as const })),
    cells,
  );
}

interface Row {
  readonly prefix: string;
  readonly level: string;
  readonly until: string;
  readonly worker: number | undefined;
}

function levelsOf(body: unknown): Row[] {
  const { levels } = (body ?? {}) as { levels?: unknown };
  const worker = readWorker(body)?.worker;
  return (Array.isArray(levels) ? levels : []).map((one: Record<string, unknown>) => ({
    prefix: String(one.prefix ?? ""),
    level: String(one.level ?? "-"),
    until: typeof one.until === "string" ? one.until : "-",
    worker,
  }));
}
