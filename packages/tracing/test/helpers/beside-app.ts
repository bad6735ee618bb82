import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Tracer } from "@opentelemetry/api";
import { startTracing, type TracingOptions, withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";

/** A span as it was exported, by whichever side. */
export interface SeenSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
}

/** What a program that was tried beside another SDK tells. */
export interface Beside {
  readonly theirs: readonly SeenSpan[];
  readonly ours: readonly SeenSpan[];
  /** Those of the call that the service makes. */
  readonly headers: IncomingHttpHeaders;
  readonly counts: readonly string[];
}

interface Exportable {
  readonly name: string;
  readonly kind: number;
  readonly parentSpanContext?: { readonly spanId: string };
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

/** An exporter for either side that keeps what it gets. */
export class Kept {
  readonly spans: SeenSpan[] = [];

  export(spans: readonly Exportable[], done: (result: { code: number }) => void): void {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      const { name, kind, parentSpanContext } = span;
      this.spans.push({ name, kind, traceId, spanId, parentSpanId: parentSpanContext?.spanId });
    }
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}
}

/** How the other SDK is started, if at all, and when. */
export interface Other {
  readonly order: "before" | "after" | "none";
  readonly start?: ((exporter: Kept) => void) | undefined;
  /** Got by the application's own copy of OpenTelemetry's API before anything was started. */
  readonly early: Tracer;
  /** Waits until the other has exported. */
  readonly settled?: () => Promise<unknown>;
  readonly options?: TracingOptions;
}

/** Serves one request, which makes a span of its own, one by hand in a tracer got early, and a call. Prints {@link Beside}. */
export async function tryBeside({ order, start, early, settled, options = {} }: Other): Promise<void> {
  const [theirs, ours] = [new Kept(), new Kept()];
  if (order === "before") start?.(theirs);
  const tracing = startTracing({ service: "web", exporters: [ours], ...options });
  if (order === "after") start?.(theirs);
  let headers: IncomingHttpHeaders = {};
  const called = await listening(
    createServer((request, response) => {
      headers = request.headers;
      response.end();
    }),
  );
  const served = await listening(
    createServer(
      withTracing(async (request, response) => {
        setRoute(request, response, "/a/:id");
        await withSpan("inner", () =>
          early.startActiveSpan("by hand", async (span) => {
            await (await fetch(`http://127.0.0.1:${called}/`)).arrayBuffer();
            span.end();
          }),
        );
        response.end();
      }),
    ),
  );
  // Not by a client that is traced.
  const socket = connect(served, "127.0.0.1");
  socket.write("GET /a/7 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  await once(socket.resume(), "close");
  await tracing.flush();
  await settled?.();
  const counts = tracing.traffic.counts(600).map(({ side, route, count }) => `${side} ${route} ${count}`);
  await tracing.close();
  const told: Beside = { theirs: theirs.spans, ours: ours.spans, headers, counts };
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit());
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
