import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

/** A request that is refused, with the status that says why. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads requests' bodies. */
export interface BodyReader {
  /** The largest body, before and after unpacking. */
  readonly maxBytes: number;
  /**
   * Reads a body, unpacked.
   *
   * @throws Refusal 413 when it is larger than one may be, 415 for another encoding, 400 when it cannot be
   * unpacked or was cut, 503 when it took so long that others wanted its room
   */
  read(req: IncomingMessage): Promise<Buffer>;
}

const UNPACK = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** How many bodies of the largest size have room at once. */
const BODIES_AT_ONCE = 4;

interface Unfinished {
  bytes: number;
  readonly giveUp: () => void;
}

/**
 * Builds a reader of bodies of at most `maxBytes` each, before and after unpacking. All that are not finished have
 * four times that together: whoever wants more takes the room of the body that began first, for who sends begins and
 * ends in one go, and who only holds a place does not.
 */
export function createBodyReader(maxBytes: number): BodyReader {
  const room = maxBytes * BODIES_AT_ONCE;
  // Sets keep the order of insertion: the first began first.
  const unfinished = new Set<Unfinished>();
  let held = 0;
  // One at a time: a few bytes may unpack to the largest size.
  let unpacking: Promise<unknown> = Promise.resolve();

  const leave = (body: Unfinished): void => {
    if (unfinished.delete(body)) held -= body.bytes;
  };

  const take = (body: Unfinished, bytes: number): void => {
    body.bytes += bytes;
    held += bytes;
    while (held > room) {
      const first = unfinished.values().next().value!;
      leave(first);
      first.giveUp();
    }
  };

  // Not `for await`: leaving it would destroy the socket, and the refusal could not be sent.
  const gather = (req: IncomingMessage): Promise<{ packed: Buffer; body: Unfinished }> =>
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
      const body: Unfinished = { bytes: 0, giveUp: () => fail(noRoom()) };
      unfinished.add(body);
      req.on("data", onData);
      req.on("error", fail);
      req.on("close", onCut);
      req.on("end", () => {
        req.off("close", onCut);
        resolve({ packed: Buffer.concat(chunks, body.bytes), body });
      });
    });

  return {
    maxBytes,
    async read(req) {
      const encoding = (req.headers["content-encoding"] ?? "identity").trim().toLowerCase();
      if (encoding !== "identity" && encoding !== "gzip" && encoding !== "deflate") {
        throw new Refusal(
          415,
          `content-encoding ${JSON.stringify(encoding)} is not gzip, deflate or identity`,
        );
      }
      if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
      const { packed, body } = await gather(req);
      if (encoding === "identity") {
        leave(body);
        return packed;
      }
      const unpacked = unpacking.then(() => {
        if (!unfinished.has(body)) throw noRoom();
        return UNPACK[encoding](packed, { maxOutputLength: maxBytes });
      });
      unpacking = unpacked.catch(() => {});
      try {
        return await unpacked;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
        throw new Refusal(400, `body is not valid ${encoding}`);
      } finally {
        leave(body);
      }
    },
  };
}

const noRoom = (): Refusal =>
  new Refusal(503, "others wanted the room of this body, which had not come to its end");
const tooLarge = (maxBytes: number): Refusal => new Refusal(413, `body is larger than ${maxBytes} bytes`);
