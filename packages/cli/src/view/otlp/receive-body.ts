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

const UNPACK = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/**
 * Reads a request's body, unpacked, of at most `maxBytes` before and after unpacking.
 *
 * @throws Refusal 413 when it is larger, 415 for another encoding, 400 when it cannot be unpacked
 */
export async function receiveBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = (req.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "deflate") {
    throw new Refusal(415, `content-encoding ${JSON.stringify(encoding)} is not gzip, deflate or identity`);
  }
  const packed = await readBytes(req, maxBytes);
  if (encoding === "identity") return packed;
  try {
    return await UNPACK[encoding](packed, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new Refusal(400, `body is not valid ${encoding}`);
  }
}

async function readBytes(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  // Not `for await`: leaving it would destroy the socket, and the refusal could not be sent.
  await new Promise<void>((resolve, reject) => {
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    req.on("end", resolve);
    req.on("error", reject);
    req.on("close", () => reject(new Refusal(400, "body was cut")));
  });
  return Buffer.concat(chunks, size);
}

const tooLarge = (maxBytes: number): Refusal => new Refusal(413, `body is larger than ${maxBytes} bytes`);
