import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { getHeapStatistics } from "node:v8";
import { assembled, bare, pinoLines } from "./peers.ts";
import type { SetUp } from "./set-up.ts";
import { whodunit, whodunitResponseLine } from "./whodunit.ts";

// A service with one route: FRAMEWORK is fastify or express, SET_UP what it is made of, TREE the checkout whose built
// packages are used. It sends its port, and at each message how many bytes its heap holds.
const { FRAMEWORK, SET_UP = "", TREE = "", PEERS = "", RECORDER } = process.env;
const setUps: Readonly<Record<string, () => SetUp>> = {
  bare: () => bare,
  "pino, both lines": () => pinoLines("both"),
  "pino, response line": () => pinoLines("response"),
  assembled: () => assembled(PEERS),
  whodunit: () => whodunit(TREE, RECORDER !== "off"),
  "whodunit, response line": () => whodunitResponseLine(TREE),
};
const setUp = setUps[SET_UP]?.();
if (setUp === undefined)
  throw new Error(`SET_UP is "${SET_UP}", want one of ${Object.keys(setUps).join("; ")}`);

const ROUTE = "/v1/accounts/:id/invoices";
const answerTo = (id: string): object => ({
  account: id,
  invoices: [
    { id: "inv_1", total: 1250, currency: "EUR" },
    { id: "inv_2", total: 990, currency: "EUR" },
  ],
  next: null,
});

/** What the handler's line says: nested fields, two secrets among them. */
const fieldsOf = (id: string, headers: IncomingHttpHeaders): Record<string, unknown> => ({
  AccountID: id,
  action: "invoice.list",
  user: { id: "usr_1", email: "ada@example.org", roles: ["reader", "payer"] },
  headers: { host: headers.host, authorization: headers.authorization, "user-agent": headers["user-agent"] },
});

if (FRAMEWORK === "fastify") {
  const { app, log } = await setUp.fastify();
  app.get<{ Params: { id: string } }>(ROUTE, (request, reply) => {
    log(request as never, fieldsOf(request.params.id, request.headers));
    reply.send(answerTo(request.params.id));
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  listening(app.server.address() as AddressInfo);
} else {
  const { app, log, wrap } = await setUp.express();
  app.get(ROUTE, (request, response) => {
    log(request as never, fieldsOf(request.params.id, request.headers));
    response.json(answerTo(request.params.id));
  });
  const server = app.listen(0, "127.0.0.1", () => listening(server.address() as AddressInfo));
  wrap?.(server);
}

function listening({ port }: AddressInfo): void {
  process.on("message", () => process.send?.(getHeapStatistics().used_heap_size));
  process.send?.({ port });
}
