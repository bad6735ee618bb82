import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { Refusal } from "./refusal.ts";

/** Reads requests' bodies. */
export interface BodyReader {
  /** The largest body, before and after unpacking. */
  readonly maxBytes: number;
  /**
   * Reads a body, unpacked, and has it used. It counts until it was.
   *
   * @throws Refusal 413 when it is larger than one may be, 415 for another encoding, 400 when it cannot be
   * unpacked or was cut, 503 when it took so long that others wanted its room
   */
  use<T>(req: IncomingMessage, then: (body: Buffer) => Promise<T>): Promise<T>;
}

const UNPACK = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** How many bodies of the largest size have room at once. */
const BODIES_AT_ONCE = 4;

interface Body {
  bytes: number;
  /** Whether it came to its end, and is waited for. */
  finished: boolean;
  readonly giveUp: () => void;
}

/**
 * Builds a reader of bodies of at most `maxBytes` each, before and after unpacking. All together have four times that:
 * whoever wants more takes the room of the unfinished body that began first, for who sends begins and ends in one go,
 * and who only holds a place does not.
 */
export function createBodyReader(maxBytes: number): BodyReader {
  const room = maxBytes * BODIES_AT_ONCE;
  // Sets keep the order of insertion: the first began first.
  const bodies = new Set<Body>();
  let held = 0;
  // One at a time: a few bytes may unpack to the largest size.
  let unpacking: Promise<unknown> = Promise.resolve();

  const leave = (body: Body): void => {
    if (bodies.delete(body)) held -= body.bytes;
  };

  const take = (body: Body, bytes: number): void => {
    body.bytes += bytes;
    held += bytes;
    while (held > room) {
      const first = [...bodies].find(({ finished }) => !finished)!;
      leave(first);
      first.giveUp();
    }
  };

  // Not `for await`: leaving it would destroy the socket, and the refusal could not be sent.
  const gather = (req: IncomingMessage): Promise<{ packed: Buffer; body: Body }> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const fail = (error: unknown): void => {
        chunks.length = 0;
        leave(body);
        req.off("data", onData);
        reject(error);
      };
      const onCut = (): void => fail(new Refusal(400, "body was cut"));
      const onData = (chunk: Buffer): void => {
        if (body.bytes + chunk.length > maxBytes) fail(tooLarge(maxBytes));
        else {
          chunks.push(chunk);
          take(body, chunk.length);
        }
      };
      const body: Body = { bytes: 0, finished: false, giveUp: () => fail(noRoom()) };
      bodies.add(body);
      req.on("data", onData);
      req.on("error", fail);
      req.on("close", onCut);
      req.on("end", () => {
        req.off("close", onCut);
        body.finished = true;
        resolve({ packed: Buffer.concat(chunks, body.bytes), body });
      });
    });

  return {
    maxBytes,
    async use(req, then) {
      const encoding = (req.headers["content-encoding"] ?? "identity").trim().toLowerCase();
      if (encoding !== "identity" && encoding !== "gzip" && encoding !== "deflate") {
        throw new Refusal(
          415,
          `content-encoding ${JSON.stringify(encoding)} is not gzip, deflate or identity`,
        );
      }
      if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
      const { packed, body } = await gather(req);
      try {
        if (encoding === "identity") return await then(packed);
        const used = unpacking.then(async () => then(await unpack(encoding, packed, maxBytes)));
        unpacking = used.catch(() => {});
        return await used;
      } finally {
        leave(body);
      }
    },
  };
}

async function unpack(encoding: keyof typeof UNPACK, packed: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await UNPACK[encoding](packed, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new Refusal(400, `body is not valid ${encoding}`);
  }
}

const noRoom = (): Refusal =>
  new Refusal(503, "others wanted the room of this body, which had not come to its end");
const tooLarge = (maxBytes: number): Refusal => new Refusal(413, `body is larger than ${maxBytes} bytes`);
