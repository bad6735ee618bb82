import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { observeRequest, type RequestEnd } from "../../src/index.ts";
import { listen } from "../helpers/server.ts";

/** Requests that ask for another protocol, as a stranger may send them by the thousand. */

// Without "Connection: upgrade" Node reads on behind such a request.
const UPGRADE = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";

interface Watched {
  readonly client: Socket;
  /** The server's end of the connection, once a request has come. */
  readonly responses: ServerResponse[];
  readonly ends: RequestEnd[];
  /** Resolves when so many requests have come, or ended. */
  came(count: number): Promise<void>;
  ended(count: number): Promise<void>;
}

async function watched(t: TestContext, onRequest: (response: ServerResponse) => void): Promise<Watched> {
  const responses: ServerResponse[] = [];
  const ends: RequestEnd[] = [];
  const waiting: (() => void)[] = [];
  const tell = (): void => {
    for (const look of waiting) look();
  };
  const { port } = await listen(t, (request, response) => {
    observeRequest(request, response).onEnd((end) => {
      ends.push(end);
      tell();
    });
    responses.push(response);
    onRequest(response);
    tell();
  });
  const reach = (list: readonly unknown[]) => (count: number) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (list.length >= count) resolve();
      };
      waiting.push(look);
      look();
    });
  const client = connect(port, "127.0.0.1").on("error", () => {});
  t.after(() => client.destroy());
  await once(client, "connect");
  return { client, responses, ends, came: reach(responses), ended: reach(ends) };
}

test("G1: requests for another protocol that wait behind one another wrap their connection once, however many they are", async (t) => {
  const { client, responses, ends, came, ended } = await watched(t, () => {});
  client.resume().write(UPGRADE);
  await came(1);
  const socket = responses[0]?.socket as Socket;
  const { write } = socket;
  const listeners = socket.listenerCount("close");
  client.write(UPGRADE.repeat(200));
  await came(201);
  assert.equal(socket.write, write, "wrapped 200 times, a write would be as many calls deep");
  for (const response of responses) response.end("ok");
  await ended(201);
  assert.deepEqual([...new Set(ends.map(({ outcome, status }) => `${outcome} ${status}`))], ["complete 200"]);
  assert.ok(socket.listenerCount("close") <= listeners + 1);
});

test("G1: of requests for another protocol that wait behind one another and are cut, none is told with the first one's status", async (t) => {
  const { client, responses, ends, came, ended } = await watched(t, () => {});
  client.write(UPGRADE.repeat(3));
  await came(3);
  responses[0]?.end("ok");
  await once(client, "data");
  client.destroy();
  await ended(3);
  assert.deepEqual(
    ends.map(({ outcome, status }) => [outcome, status]),
    [
      ["complete", 200],
      ["aborted", undefined],
      ["aborted", undefined],
    ],
  );
});

test("L10: a connection whose every request asks for another protocol keeps none of those that were answered over HTTP", async (t) => {
  const { client, responses, ended } = await watched(t, (response) => void response.end("ok"));
  client.resume();
  const seen: number[] = [];
  for (let count = 1; count <= 30; count++) {
    client.write(UPGRADE);
    await ended(count);
    const [first] = responses;
    assert.ok(first !== undefined);
    seen.push(first.req.socket.listenerCount("close"));
  }
  assert.equal(seen.at(-1), seen[1], "one listener for each would be 30");
});
