import { loadClients } from "#load";

/**
 * Traces a client whose driver does not tell of its operations: each is a span and is counted as a request to its
 * database or broker; messages carry the trace. Returns the client, to be used from then on: that of `postgres` is
 * another than the one given, the rest are the same. A client that is traced already is left as it is, and so are those
 * of mysql2, redis and mongoose, which tell of themselves. So does ioredis, but for commands that it holds back; and a pool
 * of redis, but not for whom. Before `startTracing` and after `close()` it costs next to nothing.
 *
 * @throws TypeError when it is no client of these, or a MongoClient that is connected already
 */
export function traceClient<Client extends object>(client: Client): Client {
  // Loaded now and not before: most services trace no client by hand.
  return loadClients().traced(client);
}
