import { type Context, context, ROOT_CONTEXT } from "@opentelemetry/api";
import {
  anything,
  checkShape,
  integer,
  ofType,
  reportFault,
  type Shape,
  SUPPRESS_TRACING,
} from "@whodunit/core";
import { checkUrl, headersOfHttp } from "../probes/check-address.ts";
import { readBody } from "../probes/http.ts";
import type { Clock } from "../watch/clock.ts";
import type { HealthChange } from "./change.ts";

// The webhook's requests make no span and count as no traffic.
const SUPPRESSED: Context = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/** Where changes are sent. */
export interface WebhookOptions {
  /** Gets each change as a JSON `POST`, `schemas/change.schema.json`. Anything but 2xx is a failure. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest one attempt may take, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
  /** What sends, for a dispatcher or agent of your own. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

const WAITING_MAX = 100;
const ATTEMPTS_MAX = 5;
const FIRST_PAUSE_MS = 1_000;
const CLOSE_MS = 2_000;
const ANSWER_MAX_BYTES = 4_096;

const SHAPE = {
  url: anything,
  headers: headersOfHttp,
  timeoutMs: integer(10, 60_000),
  fetch: ofType("function"),
} satisfies Shape<WebhookOptions>;

/** Sends changes to one address, in order, one at a time. A receiver that is down costs at most 100 of them. */
export class Webhook {
  readonly #url: URL;
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #waiting: HealthChange[] = [];
  readonly #closing = new AbortController();
  #attempt: AbortController | undefined;
  #work: Promise<void> | undefined;

  constructor(options: WebhookOptions, clock: Clock) {
    checkShape("webhook", options, SHAPE);
    this.#url = checkUrl("webhook", options.url, options.fetch !== undefined);
    this.#options = options;
    this.#clock = clock;
  }

  send(change: HealthChange): void {
    if (this.#closing.signal.aborted) return;
    if (this.#waiting.length === WAITING_MAX) {
      // The newest say how things are.
      this.#waiting.shift();
      reportFault("WHODUNIT_HEALTH_WEBHOOK_FULL", new Error("dropped"));
    }
    this.#waiting.push(change);
    this.#work ??= context.with(SUPPRESSED, () => this.#sendAll());
  }

  /** Tries once more to send what waits, for 2 s at most. */
  async close(): Promise<void> {
    this.#closing.abort();
    // The machine's time: nobody moves a fake clock on while waiting for this.
    const late = setTimeout(() => {
      this.#waiting.length = 0;
      this.#attempt?.abort();
    }, CLOSE_MS);
    await this.#work;
    clearTimeout(late);
  }

  async #sendAll(): Promise<void> {
    for (let change = this.#waiting.shift(); change !== undefined; change = this.#waiting.shift()) {
      await this.#sendOne(JSON.stringify(change));
    }
    this.#work = undefined;
  }

  async #sendOne(body: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#post(body);
      if (failure === undefined) return;
      const last = attempt === ATTEMPTS_MAX || this.#closing.signal.aborted;
      if (last || !failure.again) return reportFault("WHODUNIT_HEALTH_WEBHOOK", failure.error);
      await this.#pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  async #post(body: string): Promise<{ error: unknown; again: boolean } | undefined> {
    const { headers, timeoutMs = 5_000, fetch: ask = globalThis.fetch } = this.#options;
    const controller = new AbortController();
    this.#attempt = controller;
    const callOff = this.#clock.after(timeoutMs, () => controller.abort());
    try {
      const response = await ask(this.#url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
        signal: controller.signal,
        redirect: "manual",
      });
      await readBody(response, ANSWER_MAX_BYTES);
      if (response.ok) return undefined;
      const { status } = response;
      // RFC 9110: the request is at fault, and would be again; but 408 and 429 ask for another try.
      const again = status >= 500 || status === 408 || status === 429;
      return { error: new Error(`answered ${status}`), again };
    } catch (error) {
      return { error, again: true };
    } finally {
      callOff();
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const done = (): void => {
        callOff();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const callOff = this.#clock.after(ms, done);
      signal.addEventListener("abort", done);
    });
  }
}
