import { type DiagLogger, DiagLogLevel, diag } from "@opentelemetry/api";
import { normaliseName, tellOperator } from "@whodunit/core";
import { checkSetting } from "../running/settings.ts";
import { ownApiVersion } from "./api-copies.ts";
import { packageVersionIn } from "./package-version.ts";

const LEVELS = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
} as const;
const TEXT_MAX_LENGTH = 2_048;
const REMEMBERED_MAX = 100;
const AGAIN_AFTER_MS = 60_000;
// What OpenTelemetry's API says to an SDK that finds another registered.
const LATE_SDK = /Attempted duplicate registration of API: (?:trace|context|propagation)/;

/** Lines about tracing itself, on stderr, in the shape of log lines. */
export class Diagnostics {
  readonly #prefix: string;
  readonly #clean: (text: string) => string;
  readonly #level: DiagLogLevel;
  #captured = false;
  #toldOfLateSdk = false;
  readonly #told = new Map<string, number>();

  /** @throws TypeError when OTEL_LOG_LEVEL is none of its levels */
  constructor(service: string, clean: (text: string) => string, env: NodeJS.ProcessEnv) {
    this.#prefix = normaliseName(service);
    this.#clean = clean;
    const words = Object.keys(LEVELS) as (keyof typeof LEVELS)[];
    const word = checkSetting("OTEL_LOG_LEVEL", env.OTEL_LOG_LEVEL, words) ?? "warn";
    this.#level = LEVELS[word];
  }

  /** Writes one line, at once: it may be the process's last. */
  tell(level: "error" | "debug", name: string, fields: Readonly<Record<string, unknown>>): void {
    const msg = `${this.#prefix}-tracing-${name}`;
    tellOperator({ level, msg, service: this.#prefix, ...fields });
  }

  /** Sends OpenTelemetry's own diagnostics here. */
  capture(): void {
    this.#captured = true;
    diag.setLogger(this.#logger(), { logLevel: this.#level, suppressOverrideMessage: true });
  }

  /** Takes what {@link capture} registered back. */
  release(): void {
    if (this.#captured) diag.disable();
    this.#captured = false;
  }

  #logger(): DiagLogger {
    const at =
      (level: "error" | "debug") =>
      (message: string): void => {
        // Arguments may hold whole spans, with what redaction has not seen: only the text is shown.
        const text = this.#clean(String(message)).slice(0, TEXT_MAX_LENGTH);
        if (LATE_SDK.test(text)) this.#tellOfLateSdk(text);
        else if (this.#isNews(text)) this.tell(level, "diagnostic", { text });
      };
    const error = at("error");
    const debug = at("debug");
    return { error, warn: error, info: debug, debug, verbose: debug };
  }

  // It tries to register three things, and may try again.
  #tellOfLateSdk(trace: string): void {
    if (this.#toldOfLateSdk) return;
    this.#toldOfLateSdk = true;
    this.tell("error", "sdk_late", {
      text: "an OpenTelemetry SDK was started after startTracing and gets no spans: start it before, then it is used, or give its exporters and processors to startTracing",
      api: packageVersionIn(trace, "@opentelemetry/api"),
      ownApi: ownApiVersion(),
    });
  }

  // What fails with every batch is said once a minute.
  #isNews(text: string): boolean {
    const now = performance.now();
    const last = this.#told.get(text);
    if (last !== undefined && now - last < AGAIN_AFTER_MS) return false;
    if (this.#told.size >= REMEMBERED_MAX) this.#told.clear();
    this.#told.set(text, now);
    return true;
  }
}
