import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { decodeRequest } from "./otlp.ts";

/** What every protocol tells of a span. */
export interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
}

/** What an endpoint does with a request. */
export type Mood = "take" | "refuse" | "hang" | "die";

/** A receiver of spans on a free port. */
export interface Endpoint {
  readonly port: number;
  mood: Mood;
  /** How many requests have come, whatever became of them. */
  asked: number;
  readonly spans: SeenSpan[];
  /** Everything that was taken, as text: bytes that are no text stay what they are. */
  text: string;
  close(): Promise<void>;
}

/** OTLP/HTTP by JSON or protobuf, whichever the request says it is. */
export const startOtlpEndpoint = (): Promise<Endpoint> =>
  startHttpEndpoint((body, contentType) =>
    contentType.includes("json") ? spansOfJson(JSON.parse(body.toString())) : decodeRequest(body),
  );

/** What a Zipkin answers on `/api/v2/spans`. */
export const startZipkinEndpoint = (): Promise<Endpoint> =>
  startHttpEndpoint((body) =>
    (JSON.parse(body.toString()) as ZipkinSpan[]).map(({ name, traceId, id, parentId }) => ({
      name,
      traceId,
      spanId: id,
      parentSpanId: parentId,
    })),
  );

interface ZipkinSpan {
  readonly name: string;
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
}

interface JsonRequest {
  readonly resourceSpans: { readonly scopeSpans: { readonly spans: SeenSpan[] }[] }[];
}

const spansOfJson = ({ resourceSpans }: JsonRequest): SeenSpan[] =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

async function startHttpEndpoint(
  decode: (body: Buffer, contentType: string) => readonly SeenSpan[],
): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The sender went away.
    }
    endpoint.asked++;
    if (endpoint.mood !== "take") {
      answerBadly(endpoint.mood, response);
      return;
    }
    const body = Buffer.concat(chunks);
    endpoint.text += body.toString("latin1");
    endpoint.spans.push(...decode(body, request.headers["content-type"] ?? ""));
    response.end();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = newEndpoint((server.address() as AddressInfo).port, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return endpoint;
}

function answerBadly(mood: Exclude<Mood, "take">, response: ServerResponse): void {
  if (mood === "refuse") {
    response.statusCode = 400;
    response.end();
  } else if (mood === "die") response.destroy();
}

/** OTLP/gRPC. */
export async function startGrpcEndpoint(): Promise<Endpoint> {
  const server = new Server();
  const raw = (bytes: Buffer): Buffer => bytes;
  const method = {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  } as const;
  server.addService(
    { export: method },
    {
      export(call: { request: Buffer }, done: (error: object | null, answer?: Buffer) => void) {
        endpoint.asked++;
        if (endpoint.mood === "hang") return;
        if (endpoint.mood !== "take") {
          done({ code: endpoint.mood === "die" ? status.UNAVAILABLE : status.INVALID_ARGUMENT });
          return;
        }
        endpoint.text += call.request.toString("latin1");
        endpoint.spans.push(...decodeRequest(call.request));
        done(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const endpoint = newEndpoint(port, async () => server.forceShutdown());
  return endpoint;
}

function newEndpoint(port: number, close: () => Promise<void>): Endpoint {
  return { port, mood: "take", asked: 0, spans: [], text: "", close };
}
