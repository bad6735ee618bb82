import { mkdirSync, mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { run, startReceiver } from "whodunit";
import { type Actor, start, stopAll, votesCast } from "./cast.ts";

/** Runs the story, from services that look well to the name of the one that is not. */
const MURDERERS = ["voting", "emoji", "none"];
const VOTES = 200;
const HEALTH_TIMEOUT_MS = 10_000;

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
    say(`Map and traces: ${receiver.url}   Lines: ${logs}   Ctrl-C ends it.`);
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
    MURDERER: values.murderer,
  };
  const cast = (name: string, more: Record<string, string> = {}): Promise<Actor> =>
    start(name, logs, { ...env, ...more });

  const [voting, emoji] = await Promise.all([cast("voting"), cast("emoji")]);
  const web = await cast("web", { EMOJI_URL: emoji.url, VOTING_URL: voting.url });
  const bot = await cast("vote-bot", { WEB_URL: web.url });
  const shown = [bot, web, emoji, voting];
  heading("Services");
  for (const { name, url, process: child } of shown)
    say(`${name.padEnd(9)} up at ${url}, process ${child.pid}`);

  await votesCast(bot, VOTES);
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
  await command("investigate", "--view", receiver.url, web.url, bot.url, emoji.url, voting.url);
  await command("summary", ...shown.map(({ logFile }) => logFile));
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
