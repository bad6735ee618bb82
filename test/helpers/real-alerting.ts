import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { stringify } from "yaml";
import { findProgram, freePort, type RealServer, serverFolder, startServer } from "./real-server.ts";
import { until } from "./until.ts";

/** A real Alertmanager. */
export interface Alertmanager extends RealServer {
  readonly url: string;
}

/** An Alertmanager with this configuration, or undefined after skipping the test. */
export async function startAlertmanager(t: TestContext, config: object): Promise<Alertmanager | undefined> {
  const command = findProgram(t, "prometheus-alertmanager", "prometheus-alertmanager");
  if (command === undefined) return undefined;
  const [folder, port] = [serverFolder(t), await freePort()];
  const file = `${folder}/alertmanager.yml`;
  writeFileSync(file, stringify(config));
  // It runs as another user.
  chmodSync(file, 0o644);
  const args = [
    ...[`--config.file=${file}`, `--storage.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`],
    // One alone gossips with nobody.
    ...["--cluster.listen-address=", "--log.level=warn"],
  ];
  const server = await startServer(t, folder, port, { command, args });
  const url = `http://127.0.0.1:${port}`;
  const ready = (): Promise<void> =>
    until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true, `${url} is ready`);
  await ready();
  return {
    ...server,
    url,
    async start() {
      await server.start();
      await ready();
    },
  };
}

/** A chat that takes messages: what was posted to it, in order. */
export interface Chat {
  readonly url: string;
  readonly posts: readonly {
    readonly path: string;
    readonly body: Record<string, unknown>;
    readonly headers: NodeJS.Dict<string | string[]>;
  }[];
  /** What the next posts are answered with; 200 when it is empty. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string> }[];
}

/** Starts a chat that ends with the test. */
export async function startChat(t: TestContext): Promise<Chat> {
  const posts: Chat["posts"][number][] = [];
  const answers: Chat["answers"] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const { status, headers = {} } = answers.shift() ?? { status: 200 };
    if (status === 200)
      posts.push({
        path: req.url ?? "",
        body: JSON.parse(Buffer.concat(chunks).toString()),
        headers: req.headers,
      });
    res.writeHead(status, headers).end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posts, answers };
}
