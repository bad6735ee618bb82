import { type Callee, databaseAttributes } from "../callee.ts";
import { type Driver, type Operation, startOperation } from "../operation.ts";
import { readStatement, type Statement } from "../sql.ts";
import { postgresFailure } from "../sql-failure.ts";
import { describeStatement, nameOf } from "../sql-operation.ts";
import { endWith, guarded, inContext, type Method, markTraced, whenSettled, wrapMethod } from "./wrap.ts";

/** What is read of a `Client` of pg. */
interface PgClient {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string | null;
}

/** What is read of a `Pool` of pg. */
interface PgPool {
  readonly options?: {
    readonly host?: string;
    readonly port?: number;
    readonly database?: string;
    readonly connectionString?: string;
  };
}

const PG: Driver<Statement | undefined> = {
  instrumentations: ["@opentelemetry/instrumentation-pg"],
  describe: (statement, callee) => describeStatement(databaseAttributes(callee), statement),
  failureOf: postgresFailure,
};

const calleeOf = ({ host, port, database }: PgClient): Callee => ({
  system: "postgresql",
  host: host ?? "localhost",
  port: port ?? 5432,
  namespace: database ?? undefined,
});

/** Traces a client: each of its queries is an operation. */
export function tracePgClient(client: object): void {
  if (markTraced(client)) return;
  wrapMethod(
    client,
    "query",
    (query) =>
      function tracedQuery(this: unknown, ...args: unknown[]) {
        const operation = guarded(() => startQuery(client, args[0]));
        return operation === undefined ? query.apply(this, args) : runQuery(operation, this, query, args);
      },
  );
  wrapMethod(client, "connect", (connect) => tracedConnect(connect, () => calleeOf(client)));
}

/**
 * Traces a pool: each query of each of its clients is an operation. A wait for a client is none, as the database has no
 * part in it.
 */
export function tracePgPool(pool: object): void {
  if (markTraced(pool)) return;
  wrapMethod(pool, "connect", (connect) => {
    // query() of the pool connects by this, too.
    return function tracedCheckout(this: unknown, ...args: unknown[]) {
      const [callback] = args;
      if (typeof callback === "function") {
        // A client that was waited for is handed over where another gave it back.
        const handOver = inContext((error, client, release) => {
          guarded(() => told(error, client));
          return callback(error, client, release);
        });
        return connect.call(this, handOver);
      }
      return whenSettled(
        connect.apply(this, args),
        (client) => guarded(() => told(undefined, client)),
        (error) => guarded(() => told(error, undefined)),
      );
    };
  });

  function told(error: unknown, client: unknown): void {
    if (typeof client === "object" && client !== null) tracePgClient(client);
    else if (isOfConnection(error)) startConnect(calleeOfPool(pool as PgPool, error))?.fail(error);
  }
}

function startQuery(client: PgClient, config: unknown): Operation | undefined {
  const text = textOf(config);
  const subject = readStatement(text, "postgresql", true);
  return startOperation({ driver: PG, callee: calleeOf(client), name: nameOf(subject, "query"), subject });
}

// A statement, a configuration that holds it, or what submits itself: a Query, a Cursor, a QueryStream around one.
function textOf(config: unknown): string {
  if (typeof config === "string") return config;
  const { text, cursor } = (config ?? {}) as { text?: unknown; cursor?: { text?: unknown } };
  return String(text ?? cursor?.text ?? "");
}

function runQuery(operation: Operation, client: unknown, query: Method, args: unknown[]): unknown {
  const [config] = args as [{ submit?: unknown; callback?: unknown } | string | undefined];
  const submits = typeof config === "object" && typeof config?.submit === "function";
  const at = args.findLastIndex((arg) => typeof arg === "function");
  const own = [...args];
  if (submits) guarded(() => watchSubmitted(operation, config));
  else if (at > 0) own[at] = endingCallback(operation, args[at] as Method);
  else if (typeof config === "object" && typeof config?.callback === "function") {
    own[0] = { ...config, callback: endingCallback(operation, config.callback as Method) };
  }
  const isPromised = !submits && own.every((arg, i) => arg === args[i]);
  try {
    const result = query.apply(client, own);
    return isPromised ? endWith(operation, result) : result;
  } catch (error) {
    operation.fail(error);
    throw error;
  }
}

/** `callback` as it was, in the context of now: pg calls back where its socket is read. */
function endingCallback(operation: Operation, callback: Method): Method {
  const bound = inContext(callback);
  return function tracedCallback(this: unknown, error, ...rest) {
    if (error) operation.fail(error);
    else operation.end();
    return bound.call(this, error, ...rest);
  };
}

/** What submits itself is told of its end by the client, whatever it is: by these two methods. */
function watchSubmitted(operation: Operation, submitted: object): void {
  wrapMethod(
    submitted,
    "handleError",
    (handleError) =>
      function (this: unknown, ...args) {
        operation.fail(args[0]);
        return handleError.apply(this, args);
      },
  );
  wrapMethod(
    submitted,
    "handleReadyForQuery",
    (handleReady) =>
      function (this: unknown, ...args) {
        operation.end();
        return handleReady.apply(this, args);
      },
  );
}

const startConnect = (callee: Callee): Operation | undefined =>
  startOperation({ driver: PG, callee, name: "connect", subject: undefined, onlyInside: true });

function tracedConnect(connect: Method, callee: () => Callee): Method {
  return function (this: unknown, ...args) {
    const operation = guarded(() => startConnect(callee()));
    if (operation === undefined) return connect.apply(this, args);
    const [callback] = args;
    if (typeof callback === "function")
      return connect.call(this, endingCallback(operation, callback as Method));
    return endWith(operation, connect.apply(this, args));
  };
}

// What the pool says for itself (it has ended, nobody gave a client back) bears no code.
const isOfConnection = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | undefined)?.code === "string";

/** No client was made that would know: the options, as far as they say, and the error. */
function calleeOfPool({ options = {} }: PgPool, error: unknown): Callee {
  const { address, port } = (error ?? {}) as { address?: string; port?: number };
  const url = options.connectionString === undefined ? null : URL.parse(options.connectionString);
  const host = options.host ?? (url?.hostname || undefined) ?? process.env.PGHOST ?? address;
  const database = options.database ?? (url?.pathname.slice(1) || undefined) ?? process.env.PGDATABASE;
  const at = options.port ?? (Number(url?.port) || undefined) ?? (Number(process.env.PGPORT) || port);
  return calleeOf({
    ...(host !== undefined && { host }),
    ...(at !== undefined && { port: at }),
    ...(database !== undefined && { database }),
  });
}
