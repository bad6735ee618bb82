import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { connect as connectAmqp } from "amqplib";
import { Redis } from "ioredis";
import { createConnection } from "mysql2/promise";
import { connect as connectNats } from "nats";
import pg from "pg";
import { createClient } from "redis";
import { resetConnection } from "../../../../test/helpers/reset.ts";

/** What must never be seen: in every host name, user, password, token and answer of these faults. */
export const CANARY = "canary";
/** What not even an authorised reader may see. */
export const SECRET = "canary-secret";
const [HOST, USER] = ["canary-host.invalid", "canary-user"];

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Clients that connect, ask, and raise whatever goes wrong. */
export const clients: Readonly<Record<string, (target: Target) => Promise<unknown>>> = {
  async pg({ host, port }) {
    const client = new pg.Client(`postgres://${USER}:${SECRET}@${host}:${port}/canary-db`);
    client.on("error", () => {});
    await client.connect();
  },
  async redis({ host, port }) {
    const client = createClient({
      url: `redis://${USER}:${SECRET}@${host}:${port}`,
      socket: { reconnectStrategy: false },
    });
    client.on("error", () => {});
    await client.connect();
  },
  async ioredis({ host, port }) {
    const client = new Redis(`redis://${USER}:${SECRET}@${host}:${port}`, {
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on("error", () => {});
    const failed = once(client, "error").then(([error]) => Promise.reject(error));
    client.connect().catch(() => {});
    await failed;
  },
  amqplib: ({ host, port }) => connectAmqp(`amqp://${USER}:${SECRET}@${host}:${port}/`),
  nats: ({ host, port }) =>
    connectNats({ servers: `${host}:${port}`, user: USER, pass: SECRET, reconnect: false }),
  mysql2: ({ host, port }) =>
    createConnection({ host, port, user: USER, password: SECRET, database: "canary-db" }),
  async fetch({ host, port }) {
    const url = `http://${host}:${port}/canary-path?access_token=${SECRET}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${SECRET}` } });
    throw new Error(`GET ${url} answered ${response.status} ${await response.text()}`);
  },
};

async function serve(t: TestContext, greet: (socket: Socket) => void): Promise<Target> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    greet(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** Places where nothing good happens to a client. */
export async function faultyTargets(t: TestContext): Promise<Readonly<Record<string, Target>>> {
  const answer = (text: string) => (socket: Socket) => {
    socket.end(text);
    socket.resume();
  };
  return {
    "unknown host": { host: HOST, port: 5_432 },
    "refused port": { host: "127.0.0.1", port: 1 },
    reset: await serve(t, (socket) => void resetConnection(socket)),
    "closed at once": await serve(t, (socket) => void socket.end()),
    "reset when asked": await serve(t, (socket) => void socket.once("data", () => resetConnection(socket))),
    "another protocol": await serve(t, answer(`SSH-2.0-${HOST} ${USER}\r\n`)),
    "an HTTP error": await serve(
      t,
      answer(`HTTP/1.1 500 ${HOST}\r\ncontent-length: 22\r\n\r\npassword=${SECRET}`),
    ),
    "a Redis refusal": await serve(t, answer(`-WRONGPASS ${USER} at ${HOST}\r\n`)),
    "a NATS refusal": await serve(
      t,
      answer(
        `INFO {"server_id":"${HOST}","version":"2.9.0","max_payload":1}\r\n-ERR 'Authorization ${USER}'\r\n`,
      ),
    ),
    "a PostgreSQL refusal": await serve(
      t,
      answer(postgresError(`no pg_hba.conf entry for host "${HOST}", user "${USER}"`)),
    ),
    "a MySQL refusal": await serve(t, answer(mysqlError(`Host '${HOST}' is not allowed, user '${USER}'`))),
  };
}

// PostgreSQL 15 manual, 55.7, ErrorResponse: 'E', length, fields of a type and a string, 0.
function postgresError(message: string): string {
  const fields = `SFATAL\0C28000\0M${message}\0\0`;
  return `E\0\0\0${String.fromCharCode(fields.length + 4)}${fields}`;
}

// MySQL internals, ERR_Packet: length, sequence, 0xff, code 1130, message. The 0xff needs bytes, not text.
function mysqlError(message: string): string {
  return `${String.fromCharCode(message.length + 3)}\0\0\0\u00ff\u006a\u0004${message}`;
}

/** Faults that need no server. */
export const localFaults: Readonly<Record<string, () => unknown>> = {
  "credentials in a URL": () => fetch(`http://${USER}:${SECRET}@${HOST}/`),
  "a bad header": () => fetch("http://127.0.0.1:1/", { headers: { authorization: `Bearer ${SECRET}\nx` } }),
  "a bad URL": () => fetch(`http//${USER}:${SECRET}@${HOST}`),
  "a URL in a message": () => Promise.reject(new Error(`cannot reach https://${USER}:${SECRET}@${HOST}/`)),
  "a cause": () => Promise.reject(new Error("outer", { cause: new Error(`password=${SECRET} at ${HOST}`) })),
  "an aggregate": () =>
    Promise.reject(new AggregateError([new Error(`Authorization: Bearer ${SECRET}`)], HOST)),
  "a string": () => Promise.reject(`password=${SECRET}`),
  "a class and code": () =>
    Promise.reject(Object.assign(new Error("x"), { name: HOST, code: `${HOST} ${SECRET}` })),
  "a reason": () => ({ status: "ERROR", reason: `redis://${USER}:${SECRET}@${HOST}` }),
  "parse error": () => JSON.parse(`{"password":"${SECRET}"`),
};
