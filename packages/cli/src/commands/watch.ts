import { type Command, InvalidArgumentError, Option } from "commander";
import type { Target } from "../alerts/watch/targets.ts";
import { investigate } from "../investigate/investigate.ts";
import { isLoopback } from "../sources/live/host.ts";
import { unfitToken } from "../sources/live/token.ts";
import { printable } from "../terminal/safe-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { ended } from "./ended.ts";
import { EXIT } from "./exit-code.ts";
import { durationOption, followOption, portOption, tokenOption, urlArgument } from "./options.ts";
import { addStoreOptions, refused, type StoreFlags, sourceOf, VIEW_BESIDES } from "./store-options.ts";

interface WatchFlags extends StoreFlags {
  readonly host: string;
  readonly port: number;
  readonly alertsToken?: string;
  readonly slack?: string;
  readonly webhook?: string;
  readonly stdout?: boolean;
  readonly state: string;
  readonly quiet: number;
  readonly traceUrl?: string;
  readonly token?: string;
  readonly follow?: string[];
}

const PORT = 9_099;
const QUIET_MS = 300_000;
const AGAIN_MS = 60_000;
const WINDOW_S = 60;
const MIN_TOKEN_LENGTH = 16;

const HELP = `
Alertmanager's webhook goes to POST /alerts. One message an incident: who is at fault, since when, who suffers, what was
changed, and links; another when somebody else is at fault, and one when it is over. What is known of incidents is in the
state file, so that nobody is told twice after a restart.

Examples:
  $ whodunit watch http://web:8080 --slack "$SLACK_URL"
  $ whodunit watch --prometheus http://prometheus:9090 --match 'namespace="shop"' --slack "$SLACK_URL"
  $ whodunit watch --host 0.0.0.0 --state /var/lib/whodunit/watch.json http://web:8080   with WHODUNIT_ALERTS_TOKEN

Variables: WHODUNIT_SLACK_URL and WHODUNIT_WEBHOOK_URL in place of the options, WHODUNIT_WEBHOOK_TOKEN for a bearer token
that --webhook is sent, WHODUNIT_ALERTS_TOKEN, WHODUNIT_TOKEN.`;

/** `whodunit watch [url…]`. */
export function addWatch(program: Command, context: Context): void {
  addStoreOptions(program.command("watch"), VIEW_BESIDES)
    .description("take Alertmanager's alerts, work out who is at fault, and tell it once an incident")
    .argument("[url...]", "services to start from; those they call are found", urlArgument)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on", portOption, PORT)
    .option(
      "--alerts-token <token>",
      "asked of whoever sends alerts; wanted with --host beyond loopback (default: WHODUNIT_ALERTS_TOKEN)",
    )
    .option("--slack <url>", "an incoming webhook of Slack, or of what takes the same", targetOption)
    .option("--webhook <url>", "a URL that takes each message as JSON", targetOption)
    .option("--stdout", "print messages; so it is where there is nowhere else to send them")
    .option("--state <file>", "what outlives a restart", "whodunit-watch.json")
    .addOption(
      new Option("--quiet <duration>", "so long nothing fires until an incident is over")
        .argParser(durationOption)
        .default(QUIET_MS, "5m"),
    )
    .option(
      "--trace-url <template>",
      "a link to a trace, such as https://tempo.internal/trace/{traceId}",
      traceUrlOption,
    )
    .addOption(tokenOption())
    .addOption(followOption())
    .addHelpText("after", HELP)
    .action((urls: string[] = [], flags: WatchFlags) => watch(urls, flags, context));
}

async function watch(urls: readonly string[], flags: WatchFlags, { terminal, exit }: Context): Promise<void> {
  const { host, port, state, traceUrl } = flags;
  const refuse = (said: string): void => {
    terminal.stderr.write(`error: ${said}\n`);
    exit(EXIT.usage);
  };
  const alertsToken = flags.alertsToken ?? (terminal.env.WHODUNIT_ALERTS_TOKEN || undefined);
  if (!isLoopback(host) && alertsToken === undefined)
    return refuse(
      `--host ${printable(host)} lets others in: set WHODUNIT_ALERTS_TOKEN, which they are asked for`,
    );
  const unfit = alertsToken === undefined ? undefined : unfitAlertsToken(alertsToken);
  if (unfit !== undefined) return refuse(`the token for alerts ${unfit}`);
  const targets = await targetsOf(flags, terminal);
  if (typeof targets === "string") return refuse(targets);
  if (flags.at !== undefined)
    throw refused(terminal, "--at is of a moment past, and watch asks about now, at each alert");
  const source = sourceOf(urls, flags, WINDOW_S, terminal);
  const token = tokenOf(flags.token, terminal);
  const view = flags.view === undefined ? {} : { view: flags.view };
  // Loaded only here: it brings what removes secrets.
  const { startWatch } = await import("../alerts/watch/watch.ts");
  const running = await startWatch({
    host,
    port,
    alertsToken,
    statePath: state,
    quietMs: flags.quiet,
    againMs: AGAIN_MS,
    targets,
    traceUrl: traceUrl ?? null,
    look: () => investigate(urls, { ...source, token, follow: flags.follow, ...view }),
    tell: (text) => complain(terminal, text),
  });
  const told = ended(terminal.signal);
  terminal.stderr.write(`Taking alerts on ${running.url}/alerts\n`);
  await told;
  await running.close();
}

const unfitAlertsToken = (token: string): string | undefined =>
  token.length < MIN_TOKEN_LENGTH ? `is shorter than ${MIN_TOKEN_LENGTH} characters` : unfitToken(token);

/** Where messages go, or what is wrong with that. */
async function targetsOf(flags: WatchFlags, { env, stdout }: Terminal): Promise<Target[] | string> {
  // Loaded only here, as the rest of it.
  const { slackTarget, stdoutTarget, webhookTarget } = await import("../alerts/watch/watch.ts");
  const targets: Target[] = [];
  const slack = flags.slack ?? (env.WHODUNIT_SLACK_URL || undefined);
  const webhook = flags.webhook ?? (env.WHODUNIT_WEBHOOK_URL || undefined);
  // What these hold is a secret, and not shown.
  if (slack !== undefined && !isTarget(slack)) return "WHODUNIT_SLACK_URL is no http or https URL";
  if (webhook !== undefined && !isTarget(webhook)) return "WHODUNIT_WEBHOOK_URL is no http or https URL";
  const token = env.WHODUNIT_WEBHOOK_TOKEN || undefined;
  const unfit = token === undefined ? undefined : unfitToken(token);
  if (unfit !== undefined) return `the token of WHODUNIT_WEBHOOK_TOKEN ${unfit}`;
  if (slack !== undefined) targets.push(slackTarget(new URL(slack)));
  if (webhook !== undefined) targets.push(webhookTarget(new URL(webhook), token));
  if (flags.stdout === true || targets.length === 0) targets.push(stdoutTarget(stdout));
  return targets;
}

// fetch takes no URL with a user or password.
function isTarget(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

function targetOption(text: string): string {
  if (!isTarget(text)) throw new InvalidArgumentError("It is no http or https URL.");
  return text;
}

function traceUrlOption(text: string): string {
  if (!isTarget(text) || !text.includes("{traceId}"))
    throw new InvalidArgumentError("It is no http or https URL with {traceId} in it.");
  return text;
}
