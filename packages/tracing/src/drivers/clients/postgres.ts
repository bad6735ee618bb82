import { type Callee, databaseAttributes } from "../callee.ts";
import { type Driver, type Operation, startOperation } from "../operation.ts";
import { readStatement, type Statement } from "../sql.ts";
import { postgresFailure } from "../sql-failure.ts";
import { describeStatement, nameOf } from "../sql-operation.ts";
import { guarded, type Method } from "./wrap.ts";

/** What is read of the options of `postgres`. */
interface PostgresOptions {
  readonly host?: readonly string[];
  readonly port?: readonly number[];
  readonly path?: string | false;
  readonly database?: string;
}

/** A query of `postgres`: it is handed to `handler` when somebody waits for it, and settled by `resolve` or `reject`. */
interface Query {
  readonly strings: readonly string[];
  readonly args: readonly unknown[];
  handler: (query: Query) => unknown;
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

const POSTGRES: Driver<Statement> = {
  instrumentations: [],
  describe: (statement, callee) => describeStatement(databaseAttributes(callee), statement),
  failureOf: postgresFailure,
};

const TRACED = new WeakSet<object>();

/** `sql` whose queries are operations; so are those of the transactions and connections that it hands out. */
export function tracePostgres<Sql extends object>(sql: Sql): Sql {
  if (TRACED.has(sql)) return sql;
  const callee = calleeOf((sql as { options?: PostgresOptions }).options ?? {});
  const traced = proxyOf(sql, callee);
  TRACED.add(traced);
  return traced;
}

function calleeOf({ host, port, path, database }: PostgresOptions): Callee {
  const isSocket = typeof path === "string";
  return {
    system: "postgresql",
    host: isSocket ? path : host?.[0],
    port: isSocket ? undefined : port?.[0],
    namespace: database,
  };
}

// Of these the first function given is called with an `sql` of its own.
const SCOPES = new Set<string | symbol>(["begin", "savepoint"]);
const QUERIES = new Set<string | symbol>(["unsafe", "file"]);

function proxyOf<Sql extends object>(sql: Sql, callee: Callee): Sql {
  const scoped = (work: Method): Method =>
    function (this: unknown, inner) {
      return work.call(this, proxyOf(inner as object, callee));
    };
  return new Proxy(sql, {
    apply: (target, self, args) => watch(Reflect.apply(target as Method, self, args), callee),
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const call = value as Method;
      if (QUERIES.has(key)) return (...args: unknown[]) => watch(call.apply(target, args), callee);
      if (SCOPES.has(key)) {
        return (...args: unknown[]) =>
          call.apply(
            target,
            args.map((arg) => (typeof arg === "function" ? scoped(arg as Method) : arg)),
          );
      }
      if (key === "reserve") return async () => proxyOf((await call.call(target)) as object, callee);
      return value;
    },
  });
}

/** Makes a query an operation from when it is sent; a part of another query, or a helper, is never sent. */
function watch(made: unknown, callee: Callee): unknown {
  if (!(made instanceof Promise) || typeof (made as Partial<Query>).handler !== "function") return made;
  const query = made as unknown as Query;
  const { handler } = query;
  query.handler = (sent) => {
    guarded(() => {
      const subject = readStatement(textOf(sent), "postgresql", true);
      const operation = startOperation({ driver: POSTGRES, callee, name: nameOf(subject, "query"), subject });
      if (operation !== undefined) watchEnd(sent, operation);
    });
    return handler(sent);
  };
  return made;
}

/** A cursor sets both anew for each of its steps, and the last ones are called. */
function watchEnd(query: Query, operation: Operation): void {
  let { resolve, reject } = query;
  Object.defineProperties(query, {
    resolve: {
      configurable: true,
      get: () => (value: unknown) => {
        operation.end();
        return resolve(value);
      },
      set: (next) => {
        resolve = next;
      },
    },
    reject: {
      configurable: true,
      get: () => (error: unknown) => {
        operation.fail(error);
        return reject(error);
      },
      set: (next) => {
        reject = next;
      },
    },
  });
}

const DEPTH_MAX = 8;

/** The statement with `?` for its values; queries among them are parts of it. */
function textOf({ strings, args }: Query, depth = 0): string {
  let text = "";
  for (const [i, part] of strings.entries()) {
    text += part;
    if (i === strings.length - 1) break;
    const arg = args[i] as Partial<Query> | undefined;
    const isPart = Array.isArray(arg?.strings) && Array.isArray(arg?.args) && depth < DEPTH_MAX;
    text += isPart ? textOf(arg as Query, depth + 1) : nameIn(arg);
  }
  return text;
}

/** `sql("orders")` writes a name, which it keeps in quotes. */
function nameIn(arg: unknown): string {
  const { value } = (arg ?? {}) as { value?: unknown };
  const isName = (arg as object | undefined)?.constructor?.name === "Identifier";
  return isName && typeof value === "string" ? value : "?";
}
