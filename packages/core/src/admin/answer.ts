import type { IncomingMessage, ServerResponse } from "node:http";
import { reportFault } from "../process/report-fault.ts";
import { ownAnswer } from "../request/observed-request.ts";

/** An answer of an admin or health route, ready to be sent by whatever framework. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent; or who writes it, piece by piece, once the headers are out. A HEAD gets none of it. */
  readonly body: string | Buffer | ((response: ServerResponse) => void);
}

/** What is needed of a Fastify request's reply. */
export interface FastifyAnswerReply {
  readonly raw: ServerResponse;
  readonly sent: boolean;
  /** Sets the status. */
  code(status: number): unknown;
  /** Sets headers. */
  headers(values: Record<string, string>): unknown;
  /** Answers. */
  send(payload: string | Buffer): unknown;
  /** Leaves the answer to whoever called this. */
  hijack(): unknown;
}

/** An answer that nobody keeps, and that no browser takes for something else (RFC 9111; Fetch, nosniff). */
export function answerOf(
  status: number,
  contentType: string,
  body: Answer["body"],
  more?: Readonly<Record<string, string>>,
): Answer {
  const headers = {
    "content-type": contentType,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...more,
  };
  return { status, headers, body };
}

/** {@link answerOf} a value as JSON. */
export function json(status: number, value: unknown, more?: Readonly<Record<string, string>>): Answer {
  return answerOf(status, "application/json; charset=utf-8", JSON.stringify(value), more);
}

const FAILED = json(500, { error: "no answer could be made" });

/**
 * Sends an answer on Node's own response, as it comes or when it is there. Sends none where somebody else, such as a
 * time-out of the application, has answered in the meantime, or the client has gone. Never throws, and leaves no
 * rejection to the process: an answer that fails is a 500.
 */
export function send(response: ServerResponse, answer: Answer | Promise<Answer>): void {
  ownAnswer(response);
  if (answer instanceof Promise) {
    answer.then(
      (ready) => write(response, ready),
      (error: unknown) => {
        reportFault("WHODUNIT_ADMIN_ANSWER", error);
        write(response, FAILED);
      },
    );
  } else write(response, answer);
}

/** {@link send} for Fastify: what a handler returns. */
export function sendByFastify<Reply extends FastifyAnswerReply>(
  reply: Reply,
  answer: Answer | Promise<Answer>,
): Reply | Promise<Reply> {
  ownAnswer(reply.raw);
  if (!(answer instanceof Promise)) return writeByFastify(reply, answer);
  return answer.then(
    (ready) => writeByFastify(reply, ready),
    (error: unknown) => {
      reportFault("WHODUNIT_ADMIN_ANSWER", error);
      return writeByFastify(reply, FAILED);
    },
  );
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  if (isAnswered(response)) return;
  try {
    if (typeof body === "function") {
      response.writeHead(status, headers);
      stream(response, body);
      return;
    }
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    response.writeHead(status, { ...headers, "content-length": length });
    // Node leaves the body of a HEAD out.
    response.end(body);
  } catch (error) {
    // Somebody wraps the response, and threw.
    reportFault("WHODUNIT_ADMIN_ANSWER", error);
    response.destroy();
  }
}

function writeByFastify<Reply extends FastifyAnswerReply>(reply: Reply, answer: Answer): Reply {
  const { raw } = reply;
  if (reply.sent) return reply;
  if (isAnswered(raw)) {
    // Written past Fastify, which would answer once more and fail.
    reply.hijack();
    return reply;
  }
  const { status, headers, body } = answer;
  if (typeof body === "function") {
    reply.hijack();
    write(raw, answer);
  } else {
    reply.code(status);
    reply.headers({ ...headers });
    reply.send(body);
  }
  return reply;
}

function isAnswered(response: ServerResponse): boolean {
  return response.headersSent || response.writableEnded || response.destroyed;
}

const ignore = (): void => {};

function stream(response: ServerResponse, body: (response: ServerResponse) => void): void {
  if ((response.req as IncomingMessage | undefined)?.method === "HEAD") {
    response.end();
    return;
  }
  // Where the application ends it in the midst of a write: an error nobody listens to would end the process.
  response.on("error", ignore);
  response.flushHeaders();
  body(response);
}
