import { type Command, InvalidArgumentError, Option } from "commander";
import { askJson, baseUrl, hintFor } from "../sources/live/ask.ts";
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
    .argument("[level]", "debug, error or default", levelArgument)
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
        prefix === undefined ? {} : { method: "PUT" as const, body: bodyOf(prefix, level!, flags.for) };
      const answer = await askJson(new URL("debug/level", baseUrl(url)), { token, ...change });
      if (!answer.ok || answer.status !== 200) {
        const why = answer.ok ? `answered ${answer.status}${messageOf(answer.body)}` : answer.error;
        complain(terminal, `${url} ${why}${hintFor(answer.status, { token })}`);
        return exit(EXIT.unreached);
      }
      terminal.stdout.write(renderLevels(answer.body));
      const others = othersOf(answer.body);
      if (others !== undefined) {
        complain(terminal, `${others}: they ${prefix === undefined ? "were not asked" : "go on as before"}`);
      }
    });
}

const forOption = (): Option =>
  new Option("--for <duration>", "how long it holds").argParser(durationOption).default(DEFAULT_MS, "10m");

function levelArgument(text: string): string {
  if (LEVELS.some((level) => level === text)) return text;
  throw new InvalidArgumentError("It is not debug, error or default.");
}

const bodyOf = (prefix: string, level: string, ttlMs: number): object =>
  level === "default" ? { prefix, level: null } : { prefix, level, ttlMs };

function messageOf(body: unknown): string {
  const { error, message } = (body ?? {}) as { error?: unknown; message?: unknown };
  const text = typeof error === "string" ? error : message;
  return typeof text === "string" ? `: ${text}` : "";
}

/** Which processes behind the same port have not answered; undefined where there are none. */
function othersOf(body: unknown): string | undefined {
  const { workers } = (body ?? {}) as { workers?: { worker?: unknown; of?: unknown } | null };
  if (typeof workers !== "object" || workers === null || typeof workers.worker !== "number") return undefined;
  const { worker, of } = workers;
  if (of === 1) return undefined;
  return typeof of === "number"
    ? `worker ${worker} of a cluster answered, ${of - 1} of ${of} did not`
    : `worker ${worker} of a cluster answered, the others did not`;
}

function renderLevels(body: unknown): string {
  const { levels } = (body ?? {}) as { levels?: unknown };
  const rows = (Array.isArray(levels) ? levels : []).map((one: Record<string, unknown>) => {
    const until = typeof one.until === "string" ? one.until : "-";
    return [String(one.prefix ?? "") || "(all)", String(one.level ?? "-"), until];
  });
  const columns = ["PREFIX", "LEVEL", "UNTIL"].map((heading) => ({ heading, align: "left" as const }));
  return renderTable(columns, rows);
}
