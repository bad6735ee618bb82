import { symbols } from "pino";
import {
  defineEvents,
  type Level,
  type Logger,
  type LoggerOptions,
  type PinoLogger,
  withContext,
} from "../../src/index.ts";
import { setRoute } from "../../src/node.ts";
import { beginRequest } from "./request.ts";

/** A way by which a value gets into the bytes of a log. */
export interface Path {
  readonly name: string;
  /** Options of the logger that it needs. */
  readonly options?: Partial<Omit<LoggerOptions, "destination" | "pretty">>;
  /** Carries text only. */
  readonly textOnly?: true;
  readonly log: (log: Logger, value: unknown) => void;
}

type Way = (log: Logger, value: unknown, level: Level) => void;
type PinoWay = (log: PinoLogger, value: never, level: Level) => void;

const OWN: Readonly<Record<string, Way>> = {
  field: (log, value, level) => log[level]("x", { before: 1, detail: value, after: 2 }),
  "the fields themselves": (log, value, level) => log[level]("x", value as never),
  child: (log, value, level) => log.child({ detail: value })[level]("x"),
  "child by name": (log, value, level) => log.child("http", { detail: value })[level]("x", { a: 1 }),
  context: (log, value, level) => withContext({ detail: value }, () => log[level]("x")),
  "context around a context": (log, value, level) =>
    withContext({ detail: value, a: 1 }, () =>
      withContext({ b: 2 }, () => log.child({ a: 2 })[level]("x", { b: 3 })),
    ),
  err: (log, value, level) => log[level]("x", { err: value }),
};

const mixedIn = (log: PinoLogger, value: unknown): PinoLogger =>
  Object.assign(log.child({}), { [symbols.mixinSym]: () => ({ detail: value }) });

const PINO: Readonly<Record<string, PinoWay>> = {
  object: (log, value, level) => log[level]({ detail: value }, "some text"),
  "name and fields": (log, value, level) => log[level]("failed", { detail: value }),
  "text and fields": (log, value, level) => log[level]("Not a name", { detail: value }),
  child: (log, value, level) => log.child({ detail: value })[level]("text"),
  setBindings: (log, value, level) => {
    const child = log.child({});
    child.setBindings({ detail: value });
    child[level]("text");
  },
  "%s": (log, value, level) => log[level]("failed: %s", value),
  "%o": (log, value, level) => log[level]("got %o", value),
  "%O": (log, value, level) => log[level]({ a: 1 }, "got %O", value),
  "%j": (log, value, level) => log[level]("got %j", value),
  error: (log, value, level) => log[level](value),
  serializer: (log, value, level) =>
    log.child({}, { serializers: { detail: () => value } })[level]({ detail: 1 }, "text"),
  "child's serializer": (log, value, level) =>
    log.child({ detail: 1 }, { serializers: { detail: () => value } })[level]("text"),
  mixin: (log, value, level) => mixedIn(log, value)[level]("text"),
  "mixin of a named line": (log, value, level) => mixedIn(log, value)[level]("failed", { a: 1 }),
};

const PINO_TEXT: Readonly<Record<string, PinoWay>> = {
  text: (log, text, level) => log[level](`failed: ${text}`),
  "text alone": (log, text, level) => log[level](text),
  "text beside fields": (log, text, level) => log[level]({ a: 1 }, text),
  "text in msg": (log, text, level) => log[level]({ msg: text }),
  "%s of a text": (log, text, level) => log[level]("failed: %s, %d", text, 1),
  prefix: (log, text, level) => log.child({}, { msgPrefix: `${text} ` })[level]("failed"),
  "error's message": (log, text, level) => log[level](new Error(text)),
  "message of err": (log, text, level) => log[level]({ err: new Error(text) }),
};

// In production, where a field that does not fit is left out and nothing throws.
const events = inProduction(() =>
  defineEvents({
    event: {
      level: "error",
      description: "Fields of any form.",
      fields: {
        detail: { type: "string" },
        list: { type: "array", items: { type: "string" } },
        open: { type: "object", additionalProperties: true },
      },
    },
    personal: { level: "error", description: "What is personal.", fields: { detail: { pii: true } } },
  }),
);
const catalogued = (log: Logger) => log.withEvents(events) as never as Logger;

const CATALOGUE: Readonly<Record<string, Way>> = {
  fields: (log, value) =>
    catalogued(log).error("event", { detail: value, list: [value], open: { detail: value } }),
  "personal field": (log, value) => catalogued(log).error("personal", { detail: value }),
  "field that is not declared": (log, value) => catalogued(log).error("event", { other: value }),
  err: (log, value) => catalogued(log).error("event", { err: value }),
  child: (log, value) => catalogued(log.child({ detail: value, other: value })).error("event"),
  context: (log, value) =>
    withContext({ detail: value, other: value }, () => catalogued(log).error("personal")),
};

const RECORDING = { level: "error", recorder: { perSecond: 1_000, length: 65_536 } } as const;
const THROTTLED = { throttle: { perSecond: 1 } } as const;

const SUMMARY: Readonly<Record<string, Way>> = {
  "type of an error": (log, value) => {
    for (let n = 0; n < 3; n++) log.error("x", { err: value });
    // What waits for its second to be over is told at once.
    void log.flush();
  },
};

const SUMMARY_TEXT: Readonly<Record<string, Way>> = {
  "name of an error": (log, text) => {
    for (let n = 0; n < 3; n++) log.error("x", Object.assign(new Error("x"), { name: text }));
    void log.flush();
  },
  route: (log, text) => {
    inRequest(log, (request, response) => {
      setRoute(request, response, String(text));
      for (let n = 0; n < 3; n++) log.error("x");
    });
    void log.flush();
  },
};

const REQUEST: Readonly<Record<string, Way>> = {
  "handler's error": (log, value) =>
    inRequest(log, () => {
      throw value;
    }),
};

const REQUEST_TEXT: Readonly<Record<string, Way>> = {
  route: (log, text) => inRequest(log, (request, response) => setRoute(request, response, String(text))),
  "x-request-id": (log, text) => inRequest(log, () => log.error("x"), { "x-request-id": String(text) }),
};

/** Every way by which a value may get into a line. */
export const PATHS: readonly Path[] = [
  ...paths("", OWN),
  ...paths("pino's ", overPino(PINO)),
  ...paths("pino's ", overPino(PINO_TEXT), { textOnly: true }),
  ...paths("catalogue's ", CATALOGUE),
  ...paths("recorded ", recorded(OWN), { options: RECORDING }),
  ...paths("recorded pino's ", recorded(overPino(PINO)), { options: RECORDING }),
  ...paths("recorded pino's ", recorded(overPino(PINO_TEXT)), { options: RECORDING, textOnly: true }),
  ...paths("throttle summary's ", SUMMARY, { options: THROTTLED }),
  ...paths("throttle summary's ", SUMMARY_TEXT, { options: THROTTLED, textOnly: true }),
  ...paths("request's ", REQUEST),
  ...paths("request's ", REQUEST_TEXT, { textOnly: true }),
];

function paths(
  prefix: string,
  ways: Readonly<Record<string, Way>>,
  more: Pick<Path, "options" | "textOnly"> = {},
): Path[] {
  return Object.entries(ways).map(([name, way]) => ({
    name: prefix + name,
    log: (log, value) => way(log, value, "error"),
    ...more,
  }));
}

function overPino(ways: Readonly<Record<string, PinoWay>>): Record<string, Way> {
  return mapped(ways, (way) => (log, value, level) => way(log.pino, value as never, level));
}

/** What a request logs below the threshold, and the line that brings it out. */
function recorded(ways: Readonly<Record<string, Way>>): Record<string, Way> {
  return mapped(ways, (way) => (log, value) => inRequest(log, () => way(log, value, "debug")));
}

function mapped<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

const inRequest = (...begin: Parameters<typeof beginRequest>): void => beginRequest(...begin)(500);

function inProduction<Result>(run: () => Result): Result {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production";
  try {
    return run();
  } finally {
    process.env.NODE_ENV = NODE_ENV;
  }
}
