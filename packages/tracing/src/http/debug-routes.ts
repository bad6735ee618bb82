import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type Answer,
  answerOf,
  checkShape,
  clusterWorkers,
  createGuard,
  errorCode,
  GUARD_SHAPE,
  type Guard,
  type GuardOptions,
  json,
  OPEN_METRICS,
  ofType,
  PROMETHEUS_TEXT,
  preferredOffer,
  reportFault,
  type Shape,
  send,
  UNAUTHORIZED,
} from "@whodunit/core";
import { isProfiling, profileJson, takeProfile } from "../resources/profile.ts";
import { runningTracing } from "../running/running.ts";
import { checkSetting } from "../running/settings.ts";
import { SCRAPE_TYPES, type ScrapeFormat } from "../traffic/open-metrics.ts";
import { parseFilter } from "../traffic/tap-reader.ts";

const PATHS: readonly string[] = ["/debug/traffic", "/debug/tap"];

const JSON_TYPE = "application/json; charset=utf-8";

const PROFILE_PATH = "/debug/profile";
const PROFILE_SECONDS_MAX = 60;

/** Options of the plugins: who may read `/debug/*`, and whether profiles are taken. */
export interface DebugOptions extends GuardOptions {
  /** Whether `GET /debug/profile?seconds=3` takes CPU profiles. @default whether WHODUNIT_PROFILE is `on` */
  readonly profile?: boolean;
}

const SHAPE: Shape<DebugOptions> = { ...GUARD_SHAPE, profile: ofType("boolean") };

/** The admin routes of tracing, without a framework. */
export class DebugRoutes {
  /** The paths that are answered, by GET and HEAD. */
  readonly paths: readonly string[];
  readonly #guard: Guard;

  /** @throws TypeError, in the name of `owner`, when an option is wrong */
  constructor(owner: string, options: DebugOptions) {
    checkShape(owner, options, SHAPE);
    const { profile = takesProfiles(process.env), ...guard } = options;
    this.#guard = createGuard(guard, owner);
    this.paths = profile ? [...PATHS, PROFILE_PATH] : PATHS;
  }

  /** Whether the routes are there at all. */
  get enabled(): boolean {
    return this.#guard.enabled;
  }

  /** Answers on Node's own request and response; false when the request is for something else. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#matches(request)) return false;
    send(response, this.answer(request));
    return true;
  }

  /** What to answer. @param path what a framework has made of the request's URL */
  async answer(request: IncomingMessage, path: string = pathOf(request.url ?? "")): Promise<Answer> {
    if (!(await this.#guard.admits(request))) return UNAUTHORIZED;
    if (path === PROFILE_PATH) return takeProfileFor(request);
    const tracing = runningTracing();
    if (tracing === undefined) return json(503, { error: "tracing is not started" });
    if (path === "/debug/traffic") {
      const { traffic } = tracing;
      const format = scrapeFormat(request.headers.accept);
      return format === undefined
        ? answerOf(200, JSON_TYPE, (response) => write(response, traffic.snapshotJson()))
        : answerOf(200, SCRAPE_TYPES[format], traffic.scrape(format));
    }

    const filter = parseFilter(new URLSearchParams(queryOf(request.url ?? "")));
    if (typeof filter === "string") return json(400, { error: filter });
    if (tracing.tap.isFull) return json(503, { error: "ten readers follow already" });
    const headers = workerHeader();
    return answerOf(200, "application/x-ndjson", (response) => tracing.tap.follow(filter, response), headers);
  }

  #matches({ url = "", method }: IncomingMessage): boolean {
    if (!url.startsWith("/debug/") || !this.#guard.enabled) return false;
    return (method === "GET" || method === "HEAD") && this.paths.includes(pathOf(url));
  }
}

const DOCUMENT = { mediaType: "application/json", scrape: undefined };
// In order of preference among what a reader likes equally: whoever asks for anything reads JSON.
const OFFERS: readonly { readonly mediaType: string; readonly scrape: ScrapeFormat | undefined }[] = [
  DOCUMENT,
  // Without a version a person asks, or a tool that shows whatever comes.
  { mediaType: "text/plain", scrape: undefined },
  { mediaType: OPEN_METRICS, scrape: "openmetrics" },
  { mediaType: PROMETHEUS_TEXT, scrape: "prometheus" },
];

/** A scraper names the type it wants; whoever does not reads JSON. Only Prometheus' own text is told by a version. */
function scrapeFormat(accept: string | undefined): ScrapeFormat | undefined {
  return (preferredOffer(accept ?? "*/*", OFFERS) ?? DOCUMENT).scrape;
}

/** Which worker of a cluster answers, for a stream that has no place to say it: `whodunit-worker: 2/4`. */
function workerHeader(): Record<string, string> {
  const workers = clusterWorkers();
  return workers === undefined ? {} : { "whodunit-worker": `${workers.worker}/${workers.of ?? "?"}` };
}

const takesProfiles = ({ WHODUNIT_PROFILE }: NodeJS.ProcessEnv): boolean =>
  checkSetting("WHODUNIT_PROFILE", WHODUNIT_PROFILE, ["on", "off"]) === "on";

async function takeProfileFor({ url = "" }: IncomingMessage): Promise<Answer> {
  const given = new URLSearchParams(queryOf(url)).get("seconds") ?? "3";
  const seconds = Number(given);
  if (!/^\d{1,2}$/.test(given) || seconds < 1 || seconds > PROFILE_SECONDS_MAX)
    return json(400, { error: `seconds is not a whole number from 1 to ${PROFILE_SECONDS_MAX}` });
  if (isProfiling()) return json(409, { error: "another profile is being taken" });
  const profile = await takeProfile(seconds * 1_000);
  return answerOf(200, JSON_TYPE, (response) => write(response, profileJson(profile)));
}

// What a connection that the reader closed is told by.
const GONE = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);

/** Writes pieces as fast as they are read, one ahead; a reader that goes ends their making. */
function write(response: ServerResponse, pieces: AsyncIterable<string>): void {
  pipeline(Readable.from(pieces, { highWaterMark: 1 }), response).catch((error: unknown) => {
    if (!GONE.has(errorCode(error) ?? "")) reportFault("WHODUNIT_ADMIN_ANSWER", error);
  });
}

const pathOf = (url: string): string => url.split("?", 1)[0] as string;
const queryOf = (url: string): string => url.split("?", 2)[1] ?? "";
