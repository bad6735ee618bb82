import { parentPort, workerData } from "node:worker_threads";
import { answer } from "../api/answer.ts";
import type { Line } from "../line.ts";
import { decode, type Encoded } from "../otlp/decode.ts";
import { Refusal } from "../otlp/refusal.ts";
import { removeLeftovers } from "./leftovers.ts";
import { type FolderOptions, sayWhy } from "./segment-folder.ts";
import { Telemetry } from "./telemetry.ts";

/** What the worker is asked; `id` comes back with what it says. */
export type Request =
  | { readonly id: number; readonly kind: "take"; readonly request: Encoded }
  | { readonly id: number; readonly kind: "lines"; readonly lines: readonly Line[] }
  | { readonly id: number; readonly kind: "ask"; readonly url: string }
  | { readonly id: number; readonly kind: "close" };

/** What the worker says. */
export type Reply =
  | { readonly id: number; readonly kind: "taken"; readonly rejected: number; readonly reason: string }
  | { readonly id: number; readonly kind: "refused"; readonly status: number; readonly message: string }
  | { readonly id: number; readonly kind: "answer"; readonly status: number; readonly json: string }
  | { readonly id: number; readonly kind: "failed"; readonly message: string }
  | { readonly id: number; readonly kind: "told"; readonly text: string };

/** Everything that reads and writes files happens here: `node:sqlite` holds up whatever runs beside it. */
const port = parentPort!;
const say = (reply: Reply): void => port.postMessage(reply);

try {
  const options = workerData as Omit<FolderOptions, "tell">;
  const telemetry = new Telemetry({ ...options, tell: (text) => say({ id: 0, kind: "told", text }) });
  port.on("message", (message: Request) => void serve(message, telemetry));
  say({ id: 0, kind: "taken", rejected: 0, reason: "" });
  if (!options.lasting) removeLeftovers(options.folder);
} catch (error) {
  say({ id: 0, kind: "failed", message: sayWhy(error) });
}

async function serve(message: Request, telemetry: Telemetry): Promise<void> {
  const { id } = message;
  try {
    say({ id, ...(await handle(message, telemetry)) });
  } catch (error) {
    if (error instanceof Refusal) say({ id, kind: "refused", status: error.status, message: error.message });
    else say({ id, kind: "failed", message: sayWhy(error) });
  }
  if (message.kind === "close") port.close();
}

type Said = Reply extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

async function handle(message: Request, store: Telemetry): Promise<Said> {
  switch (message.kind) {
    case "take": {
      const { spans, lines, rejected, reason, ...more } = decode(message.request, Date.now());
      store.add(spans, lines, more);
      return { kind: "taken", rejected, reason };
    }
    case "lines":
      store.add([], message.lines);
      return { kind: "taken", rejected: 0, reason: "" };
    case "ask": {
      const said = await answer(new URL(message.url, "http://localhost"), store);
      return {
        kind: "answer",
        status: said?.status ?? 404,
        json: JSON.stringify(said?.body ?? { message: "not found" }),
      };
    }
    case "close":
      store.close();
      return { kind: "taken", rejected: 0, reason: "" };
  }
}
