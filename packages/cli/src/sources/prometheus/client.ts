import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "../../is-record.ts";
import { type AskOptions, openAnswer, reasonOf } from "../live/ask.ts";
import { KnownLabels, type Labels, parsed } from "./known-labels.ts";
import { type OnResult, ResultCutter } from "./result-cutter.ts";
import type { StoreAddress } from "./store-settings.ts";
import { tlsReason, wantsTls } from "./tls-reason.ts";

/** One series at one moment. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** One series over time. */
export interface Points {
  readonly labels: Labels;
  /** Unix time in seconds, and the value. */
  readonly points: readonly (readonly [atS: number, value: number])[];
}

/** An exemplar of a series. */
export interface StoredExemplar {
  readonly series: Labels;
  readonly labels: Labels;
  readonly atS: number;
}

/** Why a store did not answer, in one line that names it. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

const TIMEOUT_MS = 30_000;
// 1,000 services with eight histograms each are about 30 MB.
const MAX_ANSWER_BYTES = 134_217_728;
// Who is to wait for longer than this may as well ask again.
const MAX_WAIT_MS = 5_000;
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const LIMIT = /limit|too many|exceed|maximum|max-?samples|timed? ?out/i;

/** A store that speaks Prometheus' HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics. */
export class StoreClient {
  readonly #address: StoreAddress;
  readonly #base: URL;
  readonly #known = new KnownLabels();
  /** One answer after the other: of 1,000 services all at once would be held. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(address: StoreAddress) {
    this.#address = address;
    this.#base = new URL(address.url);
    if (!this.#base.pathname.endsWith("/")) this.#base.pathname += "/";
  }

  /** Its address, without credentials. */
  get name(): string {
    return `${this.#base.origin}${this.#base.pathname.replace(/\/$/, "")}`;
  }

  /** The store's own time, in Unix seconds. */
  async now(): Promise<number> {
    const data = await this.#ask("query", { query: "time()" });
    const result: unknown = isRecord(data) ? data.result : undefined;
    const [first, second] = Array.isArray(result) ? (result as unknown[]) : [];
    // A scalar, which VictoriaMetrics makes a vector of.
    const point = isRecord(first) ? first.value : [first, second];
    const value = Array.isArray(point) ? Number(point[1] ?? Number.NaN) : Number.NaN;
    if (!Number.isFinite(value)) throw this.#error("answered no time");
    return value;
  }

  /** Each series of a query as it was at a moment, the latest of the five minutes before. */
  instant(query: string, atS: number): Promise<Sample[]> {
    return this.#results("query", { query, time: String(atS) }, "vector", (labels, { value }) => ({
      labels,
      value: this.#valueOf(value),
    }));
  }

  /** The series of a query from one moment to another, a point each step. */
  range(query: string, startS: number, endS: number, stepS: number): Promise<Points[]> {
    const form = { query, start: String(startS), end: String(endS), step: String(stepS) };
    return this.#results("query_range", form, "matrix", (labels, { values }) => ({
      labels,
      points: (Array.isArray(values) ? (values as unknown[]) : []).map(
        (point) => [Number((point as unknown[])[0]), this.#valueOf(point)] as const,
      ),
    }));
  }

  /** The exemplars of a query's series; none where the store keeps none. */
  async exemplars(query: string, startS: number, endS: number): Promise<StoredExemplar[]> {
    try {
      const data = await this.#ask("query_exemplars", { query, start: String(startS), end: String(endS) });
      return Array.isArray(data) ? data.flatMap(readExemplars) : [];
    } catch (error) {
      // Not every store has this, and no verdict stands on it.
      if (error instanceof StoreError) return [];
      throw error;
    }
  }

  async #results<One>(
    path: string,
    form: Readonly<Record<string, string>>,
    type: string,
    read: (labels: Labels, result: Readonly<Record<string, unknown>>) => One,
  ): Promise<One[]> {
    const all: One[] = [];
    const add: OnResult = (metric, text) => {
      const [labels, result] = [this.#known.labelsOf(metric), parsed(text)];
      if (labels === undefined || !isRecord(result)) throw this.#error(`answered no ${type}`);
      all.push(read(labels, result));
    };
    const data = await this.#ask(path, form, add);
    if (!isRecord(data) || data.resultType !== type || !Array.isArray(data.result))
      throw this.#error(`answered no ${type}`);
    for (const one of data.result as unknown[])
      add(`${JSON.stringify(isRecord(one) && one.metric)}`, JSON.stringify(one));
    return all;
  }

  #valueOf(point: unknown): number {
    const value = Array.isArray(point) ? Number(point[1]) : Number.NaN;
    if (Number.isNaN(value) && !(Array.isArray(point) && point[1] === "NaN"))
      throw this.#error("answered what is no number");
    return value;
  }

  /** What is answered, but for the results that `onResult` is given. */
  #ask(path: string, form: Readonly<Record<string, string>>, onResult?: OnResult): Promise<unknown> {
    const answer = this.#turn.then(() => this.#answer(path, new URLSearchParams(form).toString(), onResult));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #answer(path: string, form: string, onResult: OnResult | undefined): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const { status, retryAfterMs, text } = await this.#post(path, form, onResult);
      if (attempt === 0 && BUSY.has(status) && retryAfterMs <= MAX_WAIT_MS && !LIMIT.test(textOf(text))) {
        await sleep(retryAfterMs);
        continue;
      }
      return this.#read(status, text);
    }
  }

  #read(status: number, text: string): unknown {
    const body = parsed(text);
    if (status === 401 || status === 403) {
      const { token, user } = this.#address;
      const given = token !== undefined ? "this token" : user !== undefined ? "this user" : undefined;
      throw this.#error(
        given === undefined
          ? `answered ${status}: it wants WHODUNIT_PROMETHEUS_TOKEN, or _USER and _PASSWORD`
          : `answered ${status}: it refuses ${given}`,
      );
    }
    if (status === 429) throw this.#error("answered 429: too many queries just now; ask again later");
    const said = isRecord(body) && typeof body.error === "string" ? body.error : "";
    if (LIMIT.test(said)) {
      throw this.#error(`refuses a query over its limits (${said}): ask for less by --match or --last`);
    }
    if (said !== "") throw this.#error(`answered ${status}: ${said}`);
    if (!isRecord(body)) {
      if (wantsTls(text)) throw this.#error("speaks TLS alone: want https:// in its address");
      throw this.#error(
        status === 200 ? "answered half an answer, or no JSON" : `answered ${status}, not JSON`,
      );
    }
    if (status !== 200 || body.status !== "success") throw this.#error(`answered ${status}, and no success`);
    // Thanos and Mimir answer what they have; of the rest nothing is known, and so nothing is said.
    if (body.isPartial === true) throw this.#error("answered in part");
    if (Array.isArray(body.warnings) && body.warnings.length > 0)
      throw this.#error(`answered in part: ${String(body.warnings[0])}`);
    return body.data;
  }

  async #post(
    path: string,
    form: string,
    onResult: OnResult | undefined,
  ): Promise<{ status: number; retryAfterMs: number; text: string }> {
    const { token, user, headers, tls = {}, timeoutMs = TIMEOUT_MS } = this.#address;
    const { insecure = false, ...own } = tls;
    const signal = AbortSignal.timeout(timeoutMs);
    const basic = user && `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}`;
    try {
      const options: AskOptions = {
        ...{ token, method: "POST", text: form, tls: { ...own, rejectUnauthorized: !insecure } },
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          ...(basic === undefined ? {} : { authorization: basic }),
          ...headers,
        },
      };
      const response = await openAnswer(new URL(`api/v1/${path}`, this.#base), options, signal);
      const text = await this.#readText(response, onResult);
      return { status: response.statusCode ?? 0, retryAfterMs: retryAfterOf(response), text };
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (signal.aborted) throw this.#error(`did not answer within ${timeoutMs / 1_000} s`);
      const reason = tlsReason(error as NodeJS.ErrnoException, own.cert !== undefined) ?? reasonOf(error);
      throw this.#error(reason === "aborted" || reason === "ECONNRESET" ? "broke its answer off" : reason);
    }
  }

  async #readText(response: IncomingMessage, onResult: OnResult | undefined): Promise<string> {
    const cutter =
      onResult === undefined || response.statusCode !== 200 ? undefined : new ResultCutter(onResult);
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MAX_ANSWER_BYTES) {
        response.destroy();
        throw this.#error(`answered more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB: ask for less by --match`);
      }
      if (cutter === undefined) parts.push(part);
      else cutter.push(part);
    }
    return cutter?.end() ?? Buffer.concat(parts).toString();
  }

  /** What went wrong, with the store's address, its credentials left out. */
  #error(what: string): StoreError {
    return new StoreError(`${this.name} ${what}`);
  }
}

function textOf(text: string): string {
  const body = parsed(text);
  return isRecord(body) && typeof body.error === "string" ? body.error : "";
}

// In seconds; a date is read as one (RFC 9110, section 10.2.3).
function retryAfterOf({ headers }: IncomingMessage): number {
  const given = headers["retry-after"];
  if (given === undefined) return 500;
  const ms = /^\d+$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - Date.now();
  return Number.isNaN(ms) ? 500 : Math.max(0, ms);
}

function readExemplars(one: unknown): StoredExemplar[] {
  if (!isRecord(one) || !isRecord(one.seriesLabels) || !Array.isArray(one.exemplars)) return [];
  const series = one.seriesLabels as Labels;
  return one.exemplars.flatMap((exemplar: unknown): StoredExemplar[] => {
    if (!isRecord(exemplar) || !isRecord(exemplar.labels)) return [];
    return [{ series, labels: exemplar.labels as Labels, atS: Number(exemplar.timestamp) }];
  });
}
