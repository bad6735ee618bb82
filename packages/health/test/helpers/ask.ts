import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Health } from "../../src/index.ts";

/** What a health answers to a GET, without a server between. */
export async function ask(
  health: Health,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: string }> {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: "GET", url, headers });
  const answer = await health.answer(request);
  if (answer === undefined) throw new Error(`${url} is none of health's paths`);
  return { status: answer.status, headers: answer.headers, body: answer.body.toString() };
}
