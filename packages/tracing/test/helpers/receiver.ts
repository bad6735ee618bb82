import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeRequest, type ReceivedSpan } from "./otlp.ts";

export type { ReceivedSpan } from "./otlp.ts";

/** An OTLP/HTTP receiver on a free port that keeps what it gets. */
export interface Receiver {
  readonly port: number;
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Every accepted body as it came. */
  readonly bodies: Buffer[];
  /** How it answers; what it does not accept it does not keep. */
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean | Promise<boolean>;
  close(): Promise<void>;
}

const accept = (_request: IncomingMessage, response: ServerResponse): boolean => {
  response.setHeader("content-type", "application/x-protobuf");
  response.end();
  return true;
};

export async function startReceiver(port = 0): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The sender went away.
    }
    const body = Buffer.concat(chunks);
    if (!(await receiver.answer(request, response, body))) return;
    receiver.bodies.push(body);
    receiver.spans.push(...decodeRequest(body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  const receiver: Receiver = {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    spans: [],
    bodies: [],
    answer: accept,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
