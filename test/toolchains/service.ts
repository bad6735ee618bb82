import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/** How a service is started. */
export interface Start {
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Any backend: takes what is exported and keeps its bytes. */
export async function startBackend(): Promise<{
  readonly url: string;
  readonly bodies: Buffer[];
  close(): Promise<void>;
}> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk) => bodies.push(chunk)).on("end", () => response.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Starts `fixtures/service.ts`, in whatever form, asks it for an order, which fails, and for its health, and ends it. All
 * three packages are looked at from outside.
 */
export async function assertService({
  command = process.execPath,
  args,
  cwd,
  env = {},
}: Start): Promise<void> {
  const backend = await startBackend();
  const service = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, NODE_ENV: "development", OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
  });
  let complaints = "";
  service.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  try {
    const lines: Line[] = [];
    const url = await listening(service, lines, () => complaints);
    await assertAnswers(url);
    service.kill("SIGTERM");
    const [code] = await once(service, "close");
    assert.equal(code, 0, complaints);
    assertLines(lines);
    assert.match(Buffer.concat(backend.bodies).toString("latin1"), /read-order/, "a span was exported");
    assert.doesNotMatch(Buffer.concat(backend.bodies).toString("latin1"), /hunter22/);
  } finally {
    service.kill("SIGKILL");
    await backend.close();
  }
}

/** A line of a log, as it is read. */
export type Line = Readonly<Record<string, unknown>>;

/** Reads the lines of a service, and gives the URL that it tells. */
function listening(service: ChildProcess, lines: Line[], why: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: service.stdout! }).on("line", (text) => {
      if (!text.startsWith("{")) return;
      const line: Line = JSON.parse(text);
      lines.push(line);
      if (line.msg === "chain-listening") resolve(String(line.url));
    });
    service.on("exit", (code) => reject(new Error(`the service ended with ${code}: ${why()}`)));
    service.on("error", reject);
  });
}

/** Asks a running service for an order and for its health. */
export async function assertAnswers(url: string): Promise<void> {
  const response = await fetch(`${url}/orders/7`);
  assert.equal(response.status, 500);
  await response.text();
  const status = await fetch(`${url}/health/status`);
  assert.equal(status.status, 200);
  const [traffic] = (await status.json()) as Line[];
  assert.deepEqual(Object.keys(traffic!), ["Name", "Status", "StatusTime"]);
}

/** What a service that was asked once has logged. */
export function assertLines(lines: readonly Line[]): void {
  const asked = lines.find(({ text }) => text === "order asked");
  const failed = lines.find(({ msg, err }) => msg === "chain-http-response" && err !== undefined);
  assert.equal(asked?.orderId, "7", JSON.stringify(lines));
  assert.ok(failed !== undefined, JSON.stringify(lines));
  assert.match(String(failed.trace_id), /^[0-9a-f]{32}$/);
  assert.equal(asked.trace_id, failed.trace_id);
  const { message } = failed.err as { readonly message: string };
  assert.match(message, /^no order/);
  assert.doesNotMatch(JSON.stringify(lines), /hunter22/);
}
