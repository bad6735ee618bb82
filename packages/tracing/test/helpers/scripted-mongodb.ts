import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { BSON } from "mongodb";

type Command = Record<string, unknown>;
type Answer = (command: Command) => Record<string, unknown>;

const HEADER = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const HELLO = {
  ok: 1,
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
};

/**
 * A server that speaks MongoDB's wire protocol as far as its driver needs it, and answers by a script: MongoDB itself is
 * in no package of Debian's.
 */
export async function startScriptedMongodb(
  t: TestContext,
  answers: Readonly<Record<string, Answer>>,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= HEADER && pending.length >= pending.readInt32LE(0)) {
        const length = pending.readInt32LE(0);
        socket.write(reply(pending.subarray(0, length), answers));
        pending = pending.subarray(length);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function reply(message: Buffer, answers: Readonly<Record<string, Answer>>): Buffer {
  const [requestId, opCode] = [message.readInt32LE(4), message.readInt32LE(12)];
  const command = opCode === OP_QUERY ? queryOf(message) : commandOf(message);
  const [name = ""] = Object.keys(command);
  const answer = answers[name]?.(command) ?? (/^(?:hello|ismaster)$/i.test(name) ? HELLO : { ok: 1 });
  const document = BSON.serialize(answer);
  const body =
    opCode === OP_QUERY
      ? Buffer.concat([int32(8, 0, 0, 0, 1), document])
      : Buffer.concat([int32(0), Buffer.from([0]), document]);
  return Buffer.concat([
    int32(HEADER + body.length, 0, requestId, opCode === OP_QUERY ? OP_REPLY : OP_MSG),
    body,
  ]);
}

// The first word of a driver, before it knows what the server speaks.
function queryOf(message: Buffer): Command {
  const nameEnds = message.indexOf(0, HEADER + 4) + 1;
  return BSON.deserialize(message.subarray(nameEnds + 8));
}

function commandOf(message: Buffer): Command {
  const length = message.readInt32LE(HEADER + 5);
  return BSON.deserialize(message.subarray(HEADER + 5, HEADER + 5 + length));
}

function int32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeInt32LE(value, i * 4);
  return bytes;
}
