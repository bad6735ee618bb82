import type { ServerResponse } from "node:http";

/** An answer to a health request, ready to be sent by any framework. */
export interface HealthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Builds an answer. Health is never cached, and carries no validator a cache could ask about (RFC 9111). */
export function answerWith(
  status: number,
  contentType: string,
  body: string,
  more: Readonly<Record<string, string>> = {},
): HealthAnswer {
  return {
    status,
    headers: {
      "content-type": contentType,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...more,
    },
    body: Buffer.from(body),
  };
}

/**
 * Sends an answer on a bare response; Node leaves the body out for HEAD. Sends none where somebody else, such as a
 * time-out, has answered while `authorize` was asked.
 */
export function sendAnswer(response: ServerResponse, answer: HealthAnswer): void {
  if (response.headersSent) return;
  response.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
  response.end(answer.body);
}
