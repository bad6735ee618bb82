import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { listenForAlerts } from "../../../src/alerts/watch/alert-listener.ts";

// Few: what has not come to its end in ten seconds is cut.
const SENDERS = 8;
const SENT = Buffer.alloc(2_000_000, " ");
// Four bodies of 2 MiB have room.
const KEPT = 4;

const alert = { status: "firing", labels: {}, annotations: {}, startsAt: "2026-11-20T08:40:00.000Z" };
const GOOD = JSON.stringify({ version: "4", groupKey: "a", status: "firing", alerts: [alert] });

/** A listener of alerts, and how many it has heard. */
async function listening(t: TestContext): Promise<{ url: string; heard: () => number }> {
  let heard = 0;
  const listener = await listenForAlerts({
    ...{ host: "127.0.0.1", port: 0, token: undefined },
    hear: async () => {
      heard += 1;
    },
  });
  t.after(() => listener.close());
  return { url: listener.url, heard: () => heard };
}

for (const [form, headers, body] of [
  ["with their length given", "Content-Length: 2097152", SENT],
  [
    "in chunks",
    "Transfer-Encoding: chunked",
    Buffer.concat([Buffer.from("1e8480\r\n"), SENT, Buffer.from("\r\n")]),
  ],
  ["packed", "Content-Length: 2097152\r\nContent-Encoding: gzip", SENT],
] as const)
  test(`listenForAlerts() G6: unfinished notifications ${form} have one bound for all of them, and keep no alert out`, async (t) => {
    const { url, heard } = await listening(t);
    const port = Number(new URL(url).port);
    const refused = Promise.withResolvers<void>();
    const answers: string[] = [];
    const sockets: Socket[] = [];
    for (let i = 0; i < SENDERS; i++) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      t.after(() => socket.destroy());
      sockets.push(socket);
      socket.once("data", (data) => {
        answers.push(String(data).split("\r\n")[0] as string);
        if (answers.length === SENDERS - KEPT) refused.resolve();
      });
      socket.write(
        `POST /alerts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`,
      );
      socket.write(body);
    }
    await refused.promise;
    assert.deepEqual([...new Set(answers)], ["HTTP/1.1 503 Service Unavailable"]);
    const { status } = await fetch(`${url}/alerts`, {
      method: "POST",
      body: GOOD,
      headers: { "content-type": "application/json" },
    });
    assert.deepEqual([status, heard()], [200, 1]);
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, "close")));
  });

// What a page of another origin may send without asking first (Fetch, "simple headers").
for (const type of [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=a",
  "text/plain; x=application/json",
  "",
])
  test(`listenForAlerts() G5: a page elsewhere sends no alert as ${type === "" ? "no type at all" : type}`, async (t) => {
    const { url, heard } = await listening(t);
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1").setEncoding("latin1");
    const typed = type === "" ? "" : `Content-Type: ${type}\r\n`;
    socket.end(
      `POST /alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${typed}Origin: http://evil.example\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`,
    );
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 415 /);
    assert.equal(heard(), 0);
  });
