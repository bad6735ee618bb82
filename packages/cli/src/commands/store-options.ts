import { type Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { parseMatchers } from "../sources/prometheus/promql.ts";
import { storeAddress } from "../sources/prometheus/store-settings.ts";
import type { SourceOptions, StoreOptions } from "../sources/source.ts";
import { WHOLE_MINUTES } from "../sources/view/survey-view.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT } from "./exit-code.ts";
import { checkUrl, durationOption, timeOption } from "./options.ts";

/** What says that a store or a view is asked, and about when. */
export interface StoreFlags {
  readonly prometheus?: string;
  readonly at?: Date;
  readonly last?: number;
  readonly match?: string;
  readonly view?: string;
}

const MIN_LAST_MS = 10_000;
const MAX_LAST_MS = 7 * 86_400_000;

/** What `--view` is besides, where a failing trace is shown. */
export const VIEW_BESIDES = ", and for the failing trace besides (default then: http://127.0.0.1:4318)";

/** Adds `--prometheus`, `--view`, `--at`, `--last` and `--match`. */
export function addStoreOptions(command: Command, besides = ""): Command {
  return command
    .addOption(storeOption())
    .addOption(
      new Option("--view <url>", `ask a running whodunit view in place of services${besides}`).argParser(
        checkUrl,
      ),
    )
    .addOption(
      new Option(
        "--at <time>",
        "of a store or view: the moment, 2026-11-20T03:12:00Z or 03:12 of today",
      ).argParser(timeOption),
    )
    .addOption(
      new Option(
        "--last <duration>",
        "of a store or view: the window before that moment, 10s to 7d",
      ).argParser(readLast),
    )
    .addOption(matchOption());
}

/** `--prometheus <url>`. */
export const storeOption = (): Option =>
  new Option(
    "--prometheus <url>",
    "ask Prometheus, or what speaks its API, in place of services (default: WHODUNIT_PROMETHEUS)",
  );

/** `--match <matchers>`. */
export const matchOption = (): Option =>
  new Option("--match <matchers>", `of a store: which series, 'namespace="shop"'`).argParser(readMatch);

/**
 * Where traffic comes from, as the command line and the variables say.
 *
 * @throws CommanderError, having said why, where they do not fit together
 */
export function sourceOf(
  urls: readonly string[],
  { prometheus, at, last, match, view }: StoreFlags,
  windowS: number,
  terminal: Terminal,
): Pick<SourceOptions, "store" | "receiver" | "windowS"> {
  const refuse = (why: string): CommanderError => refused(terminal, why);
  const { env } = terminal;
  const url = storeUrl(urls, prometheus, env);
  if (url === undefined) {
    if (urls.length === 0 && view !== undefined) {
      if (match !== undefined) throw refuse("--match is for a store: want --prometheus <url>");
      const lengthS = last === undefined ? windowS : last / 1_000;
      if (lengthS % 60 !== 0) throw refuse(WHOLE_MINUTES);
      return { receiver: { url: view, at }, windowS: lengthS };
    }
    if (urls.length === 0)
      throw refuse("missing required argument 'url', or --prometheus <url>, or --view <url>");
    const [flag] = Object.entries({ at, last, match }).find(([, given]) => given !== undefined) ?? [];
    if (flag !== undefined) throw refuse(`--${flag} is for a store: want --prometheus <url> and no services`);
    return { windowS };
  }
  if (urls.length > 0) throw refuse("give addresses of services or --prometheus, not both");
  try {
    const store: StoreOptions = { ...storeAddress(url, env), at, match };
    return { store, windowS: last === undefined ? windowS : last / 1_000 };
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

/** The store that is asked, if one is: the variable counts where no services are given. */
export const storeUrl = (
  urls: readonly string[],
  prometheus: string | undefined,
  env: NodeJS.ProcessEnv,
): string | undefined => prometheus ?? (urls.length === 0 ? env.WHODUNIT_PROMETHEUS || undefined : undefined);

/** Says why a command line makes no sense; what is to be thrown then. */
export function refused({ stderr }: Pick<Terminal, "stderr">, why: string): CommanderError {
  stderr.write(`error: ${why}\n`);
  return new CommanderError(EXIT.usage, "whodunit.source", why);
}

function readLast(text: string): number {
  const ms = durationOption(text);
  if (ms < MIN_LAST_MS || ms > MAX_LAST_MS) throw new InvalidArgumentError("It is not between 10s and 7d.");
  return ms;
}

function readMatch(text: string): string {
  try {
    parseMatchers(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
