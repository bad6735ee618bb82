import type { Output } from "../../terminal/terminal.ts";
import type { Message } from "./message.ts";

/** Somewhere to send messages. */
export interface Target {
  readonly name: "slack" | "webhook" | "stdout";
  send(message: Message, signal: AbortSignal): Promise<Sent>;
}

/** How it went. `again`: it was not taken, and may be later; after `waitMs` where the other side says so. */
export type Sent =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string; readonly again: boolean; readonly waitMs: number | null };

const TIMEOUT_MS = 10_000;
const MAX_WAIT_MS = 600_000;
const MAX_ANSWER_BYTES = 65_536;

/** An incoming webhook of Slack, or of what takes the same: Mattermost, Rocket.Chat, Discord's `/slack`. */
export const slackTarget = (url: URL): Target => ({
  name: "slack",
  send: (message, signal) => post(url, { text: slackText(message) }, {}, signal),
});

/** Any URL that takes a {@link Message} as JSON. A receiver tells a repeated one by its `Idempotency-Key`. */
export const webhookTarget = (url: URL, token: string | undefined): Target => ({
  name: "webhook",
  send: (message, signal) =>
    post(
      url,
      message,
      {
        "idempotency-key": `${message.incident}-${message.kind}-${message.at}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal,
    ),
});

/** A text a message, with an empty line behind it. */
export const stdoutTarget = (stdout: Output): Target => ({
  name: "stdout",
  send: async ({ text }) => {
    stdout.write(`${text}\n\n`);
    return { ok: true };
  },
});

/**
 * The first line as text, all else as code, which neither Slack nor Mattermost searches for names to call: nobody who
 * can make a route's name may call a whole channel.
 */
function slackText({ text, links }: Message): string {
  const [first = "", ...rest] = escaped(text).split("\n");
  const body = rest.join("\n").trim();
  const shown = Object.entries(links).flatMap(([name, url]) =>
    url === null ? [] : [`<${escaped(url).replaceAll("|", "%7C")}|${name}>`],
  );
  return [
    `*${first.replaceAll(/[*@]/g, "")}*`,
    ...(body === "" ? [] : [`\`\`\`\n${body}\n\`\`\``]),
    ...(shown.length === 0 ? [] : [shown.join(" · ")]),
  ].join("\n");
}

// Slack, "Formatting text for app surfaces": these three are its control characters. A fence would end the code.
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("`", "'");

async function post(
  url: URL,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Sent> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
      // Another place was not meant.
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
    });
    await drain(response);
    if (response.ok) return { ok: true };
    const { status } = response;
    // RFC 9110: of 4xx the request is at fault, and would be again; but 408 and 429 ask for another try.
    const again = status >= 500 || status === 408 || status === 429;
    return {
      ok: false,
      error: `answered ${status}`,
      again,
      waitMs: waitOf(response.headers.get("retry-after")),
    };
  } catch (error) {
    return { ok: false, error: timeout.aborted ? "timed out" : reason(error), again: true, waitMs: null };
  }
}

// The connection is free again, whatever was answered.
async function drain(response: Response): Promise<void> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_ANSWER_BYTES) break;
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function waitOf(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), MAX_WAIT_MS);
}

// fetch tells what happened in its cause. The URL is not told: that of Slack is itself a secret.
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause));
}
