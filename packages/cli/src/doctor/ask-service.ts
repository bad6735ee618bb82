import { health, isToBlame, type ServiceHealth } from "../health/health.ts";
import { isRecord } from "../is-record.ts";
import { type AskOptions, askJson, baseUrl } from "../sources/live/ask.ts";
import { readTraffic, type TrafficDocument } from "../sources/live/traffic-document.ts";

/** What one service answered to all that the doctor asks. */
export interface Asked {
  /** As it was given. */
  readonly url: string;
  readonly base: URL;
  /** Why there is no traffic: an HTTP status, or a few words where nobody answered; null where there is some. */
  readonly refused: number | string | null;
  readonly traffic: TrafficDocument | null;
  /** When the answers were there, in milliseconds since 1970 by this machine's clock. */
  readonly askedAtMs: number;
  readonly health: ServiceHealth | null;
  /** The answer of `/debug/level`, where there is one. */
  readonly level: Readonly<Record<string, unknown>> | null;
  readonly levelRefused: number | null;
  /** Which of its `/debug/*` answer somebody who shows nothing. */
  readonly open: readonly string[];
}

const TIMEOUT_MS = 2_000;
// What a stranger is answered: with what they are for, or that the question is wrong, which only those hear who are let in. The
// questions that are wrong start neither a stream nor a profile.
const DEBUG_PATHS = [
  "debug/traffic",
  "debug/level",
  "debug/tap?maxRps=0",
  "debug/profile?seconds=0",
] as const;

/** Asks one service, by what the command may show it. Never rejects. */
export async function askService(url: string, options: Pick<AskOptions, "token">): Promise<Asked> {
  const base = baseUrl(url);
  const [traffic, level, report, open] = await Promise.all([
    askJson(new URL("debug/traffic", base), options),
    askJson(new URL("debug/level", base), options),
    health([url], options),
    Promise.all(DEBUG_PATHS.map((path) => isOpen(new URL(path, base)))),
  ]);
  const document = traffic.ok && traffic.status === 200 ? readTraffic(traffic.body) : null;
  return {
    url,
    base,
    refused:
      document !== null ? null : traffic.status === null && !traffic.ok ? traffic.error : traffic.status,
    traffic: document,
    askedAtMs: Date.now(),
    // Of a cluster, the worker that is in trouble.
    health: report.services.find(isToBlame) ?? report.services[0] ?? null,
    level: level.ok && level.status === 200 && isRecord(level.body) ? level.body : null,
    levelRefused: level.status,
    open: DEBUG_PATHS.filter((_, index) => open[index] === true).map((path) => `/${path.split("?")[0]}`),
  };
}

/** Whether it answers a stranger, who has neither token nor key. */
async function isOpen(url: URL): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const isTold = answer.status === 200 || (answer.status === 400 && url.search !== "");
    const body: unknown = isTold ? await answer.json() : await answer.body?.cancel();
    if (!isRecord(body)) return false;
    return (
      Array.isArray(body.series) ||
      Array.isArray(body.levels) ||
      /^(?:maxRps|seconds) /.test(String(body.error))
    );
  } catch {
    return false;
  }
}
