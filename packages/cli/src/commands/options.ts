import { InvalidArgumentError, Option } from "commander";
import { baseUrl } from "../sources/live/ask.ts";
import { followPattern } from "../sources/live/follow-pattern.ts";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { WINDOWS } from "../sources/live/traffic-document.ts";
import { parseDuration } from "./duration.ts";

/** Reads a duration option in milliseconds. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('It is not a duration such as "10s", "10m" or "24h".');
  return ms;
}

/** Reads a moment past: ISO 8601, or the hour and minute of this day, else of yesterday. */
export function timeOption(text: string): Date {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  if (hours !== undefined) {
    const at = new Date();
    at.setHours(Number(hours), Number(minutes), 0, 0);
    // Of what is still to come nobody asks: it was yesterday.
    if (at.getTime() > Date.now()) at.setDate(at.getDate() - 1);
    if (Number(hours) < 24 && Number(minutes) < 60) return at;
  }
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text))
    throw new InvalidArgumentError('It is not a time such as "2026-11-20T03:12:00Z" or "03:12".');
  if (at.getTime() > Date.now()) throw new InvalidArgumentError("It is still to come.");
  return at;
}

/** Reads the window of a count. */
export function windowOption(text: string): WindowS {
  const seconds = (parseDuration(text) ?? 0) / 1_000;
  const window = WINDOWS.find((windowS) => windowS === seconds);
  if (window === undefined) throw new InvalidArgumentError("It is not one of 10s, 1m and 10m.");
  return window;
}

/** Reads one more URL of a list. */
export function urlArgument(text: string, before: readonly string[] = []): string[] {
  return [...before, checkUrl(text)];
}

/** Reads one URL. */
export function checkUrl(text: string): string {
  try {
    baseUrl(text);
    return text;
  } catch {
    throw new InvalidArgumentError("It is not the URL of a service, such as http://localhost:3000.");
  }
}

/** Reads one more value of an option that may be given several times. */
export function listOption(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Reads a whole number from 1 on. */
export function countOption(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^[1-9]\d{0,8}$/.test(text) || count > max)
      throw new InvalidArgumentError(`It is not a number from 1 to ${max}.`);
    return count;
  };
}

/** Reads a port. */
export function portOption(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("It is not a port.");
  return port;
}

/** `--token`, which opens `/debug/*`, or what `opens` says. */
export const tokenOption = (opens: string = "opens /debug/* of the given services"): Option =>
  new Option("--token <token>", `${opens} (default: WHODUNIT_TOKEN)`);

/** `-o, --output` with the formats a command knows, the first by default. */
export const outputOption = (...formats: readonly string[]): Option =>
  new Option("-o, --output <format>", "how to print").choices(formats).default(formats[0]);

/** `-t, --time-window`, as Linkerd calls it. */
export const windowFlag = (): Option =>
  new Option("-t, --time-window <duration>", "requests of the last so long")
    .choices(["10s", "1m", "10m"])
    .argParser(windowOption)
    .default(60, "1m");

/** `--follow`, which says of found hosts that they are ours. */
export const followOption = (): Option =>
  new Option(
    "--follow <pattern>",
    "found hosts that may be asked and get the token: *.internal, 10.0.*:3000, 10.0.0.0/16",
  ).argParser((text, before: readonly string[] = []) => {
    try {
      followPattern(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
    return [...before, text];
  });

/** `--view`, which is asked for what it holds. */
export const viewOption = (): Option =>
  new Option("--view <url>", "a running whodunit view").argParser(checkUrl).default("http://127.0.0.1:4318");
