import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { run, startReceiver } from "whodunit";
import { type Actor, start, stop, stopAll, votesCast } from "./cast.ts";
import { type Relay, startRelay } from "./relay.ts";

/** Runs the story, from services that look well to the name of the one that is not. */
const MURDERERS = ["voting", "emoji", "slow-link", "bad-deploy", "blocked-loop", "none"];
const VOTES = 200;
const HEALTH_TIMEOUT_MS = 10_000;
// What was well must have left the shortest window.
const ILL_MS = 11_000;
// A version that started together with all others is no change.
const DEPLOY_AFTER_MS = 31_000;

const USAGE = `Usage: npm start -- [--murderer ${MURDERERS.join("|")}] [--keep] [--logs <folder>]`;

const values = readArguments();

const logs =
  values.logs === undefined ? mkdtempSync(join(tmpdir(), "murder-mystery-")) : resolve(values.logs);
mkdirSync(logs, { recursive: true });
let ended = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end(0));

const receiver = await startReceiver({ port: 0 });
try {
  await tell();
  if (values.keep) {
    heading("Left running");
    say(`Map, traces, lines, health and metrics: ${receiver.url}   Logs: ${logs}   Ctrl-C ends it.`);
  } else await end(0);
} catch (error) {
  // A service that is being ended is no failure of the story.
  if (!ended) console.error(error);
  await end(1);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        murderer: { type: "string", default: "voting" },
        keep: { type: "boolean", default: false },
        logs: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      say(USAGE);
      process.exit();
    }
    if (MURDERERS.includes(values.murderer)) return values;
    console.error(`--murderer is "${values.murderer}", want one of ${MURDERERS.join(", ")}`);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
  }
  process.exit(2);
}

async function tell(): Promise<void> {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: "200",
    // Loaded only to be looked at: metrics and, by them, every probe's status.
    ...(values.keep
      ? {
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_METRIC_EXPORT_INTERVAL: "2000",
          OTEL_METRIC_EXPORT_TIMEOUT: "1000",
        }
      : {}),
    MURDERER: values.murderer,
    WHODUNIT_PROFILE: "on",
  };
  if (values.murderer === "slow-link") process.env.WHODUNIT_TOKEN = randomUUID();
  const cast = (name: string, more: Record<string, string> = {}): Promise<Actor> =>
    start(name, logs, { ...env, ...more });

  const [voting, emoji] = await Promise.all([cast("voting", { VERSION: "1.8.2" }), cast("emoji")]);
  const link = await startRelay(voting.url);
  const onLink = values.murderer === "slow-link";
  const web = await cast("web", { EMOJI_URL: emoji.url, VOTING_URL: onLink ? link.url : voting.url });
  const bot = await cast("vote-bot", { WEB_URL: web.url });
  const shown = [bot, web, emoji, voting];
  heading("Services");
  for (const { name, url, process: child } of shown)
    say(`${name.padEnd(9)} up at ${url}, process ${child.pid}`);

  // A log that ends with its service is no failure.
  for (const { logFile } of shown) void receiver.follow(logFile).catch(() => {});

  await votesCast(bot, VOTES);
  const look = await murder(voting, link, cast);
  heading("Health");
  for (const actor of shown) say(`${actor.name.padEnd(9)} ${await health(actor)}`);

  heading("What web logged");
  const lines = (await readFile(web.logFile, "utf8")).trimEnd().split("\n");
  const failures = lines.filter((line) => line.startsWith('{"level":"error"'));
  say(`${lines.length} lines, ${failures.length} of them errors. The last of each kind:`);
  for (const kind of [lines.filter((line) => line.includes('"msg":"web-api-vote-received"')), failures]) {
    const last = kind.at(-1);
    if (last !== undefined) say(last);
  }

  const urls = shown.map(({ url }) => url);
  await command("stat", ...urls);
  await command("investigate", "--view", receiver.url, ...look, web.url, bot.url, emoji.url, voting.url);
  await command("summary", ...shown.map(({ logFile }) => logFile));
}

/** Does what changes after a while, where the murderer wants that. Returns how to look at it. */
async function murder(
  voting: Actor,
  link: Relay,
  cast: (name: string, more: Record<string, string>) => Promise<Actor>,
): Promise<string[]> {
  switch (values.murderer) {
    case "slow-link":
      heading("The way from web to voting becomes slow");
      link.delayMs = 250;
      await sleep(ILL_MS);
      // What a proxy hands on bears no signature that holds: a token, for the addresses that are ours.
      return ["-t", "10s", "--follow", new URL(link.url).host];
    case "blocked-loop":
      heading("Voting counts all votes again at each vote");
      voting.process.send("block");
      // The profile is written where the lines are.
      process.chdir(logs);
      await sleep(ILL_MS);
      return ["-t", "10s", "--profile"];
    case "bad-deploy": {
      await sleep(DEPLOY_AFTER_MS);
      heading("Version 1.8.3 of voting replaces 1.8.2");
      await stop(voting);
      await cast("voting", { VERSION: "1.8.3", PORT: new URL(voting.url).port });
      await sleep(ILL_MS);
      return ["-t", "10s"];
    }
    default:
      return [];
  }
}

/** The health of a service once all of its probes have answered. */
async function health(actor: Actor): Promise<string> {
  const deadline = Date.now() + HEALTH_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${actor.url}/health/status`);
    const body = await response.text();
    if (!body.includes('"STARTING"') || Date.now() > deadline) return `${response.status} ${body}`;
    await sleep(50);
  }
}

/** Runs the very command an operator would type. */
async function command(...argv: string[]): Promise<void> {
  heading(`whodunit ${argv.join(" ")}`);
  const code = await run(argv);
  // 1 says that something was found; more is a failure of the command itself.
  if (code > 1) throw new Error(`whodunit ${argv[0]} failed with ${code}`);
}

function heading(text: string): void {
  say(`\n== ${text}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function end(code: number): Promise<void> {
  if (ended) return;
  ended = true;
  await stopAll();
  await receiver.close();
  process.exit(code);
}
