import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  findProgram,
  freePort,
  type RealServer,
  runProgram,
  serverFolder,
  startServer,
} from "./real-server.ts";

/** A real Prometheus. */
export interface Prometheus extends RealServer {
  readonly url: string;
  readonly folder: string;
}

/** What a Prometheus holds and does. */
export interface PrometheusOptions {
  /** Its configuration, YAML. @default one that scrapes nobody */
  readonly config?: string;
  /** OpenMetrics with a time on each sample, put into the store before it starts: each text into blocks of its own. */
  readonly history?: Iterable<string>;
  /** More flags. */
  readonly args?: readonly string[];
}

/** Starts Debian's Prometheus on a free port, with its own store; undefined after skipping where it is not installed. */
export async function startPrometheus(
  t: TestContext,
  { config = "global: {}\n", history, args = [] }: PrometheusOptions = {},
): Promise<Prometheus | undefined> {
  const command = findProgram(t, "prometheus", "prometheus");
  const promtool = findProgram(t, "promtool", "prometheus");
  if (command === undefined || promtool === undefined) return undefined;
  const folder = serverFolder(t);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    return path;
  };
  const data = join(folder, "data");
  for (const text of history ?? []) {
    const path = file("history.om", `${text}# EOF\n`);
    runProgram(promtool, ["tsdb", "create-blocks-from", "openmetrics", path, data], folder);
  }
  const port = await freePort();
  const server = await startServer(t, folder, port, {
    command,
    args: [
      `--config.file=${file("prometheus.yml", config)}`,
      `--storage.tsdb.path=${data}`,
      // What is put in before the start may be of last week.
      "--storage.tsdb.retention.time=36500d",
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=exemplar-storage",
      ...args,
    ],
    // It answers 503 to everything while it reads its store.
    ready: /Server is ready to receive web requests/,
  });
  return Object.assign(server, { url: `http://127.0.0.1:${port}`, folder });
}

/** What it answers to a query of one moment: each series' labels and value. */
export async function query(
  url: string,
  text: string,
): Promise<{ readonly metric: Readonly<Record<string, string>>; readonly value: number }[]> {
  const answer = await fetch(new URL("/api/v1/query", url), {
    method: "POST",
    body: new URLSearchParams({ query: text }),
  });
  const body = (await answer.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (body.status !== "success") throw new Error(`${text}: ${body.error}`);
  return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}
