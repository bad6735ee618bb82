import { macOf } from "../../src/index.ts";

/** What a signature says, if it is not the usual. */
export interface Said {
  readonly expiresMs?: number;
  readonly use?: string;
  readonly host?: string;
  readonly address?: string;
}

/** The header of a request to `port` of loopback, signed by `key`. */
export function sign(key: Buffer, port: number, said: Said = {}): Record<string, string> {
  const {
    expiresMs = Date.now() + 60_000,
    use = "r",
    host = `127.0.0.1:${port}`,
    address = "127.0.0.1",
  } = said;
  const expiry = expiresMs.toString(36);
  return { "whodunit-signature": `${expiry}.${use}.${macOf(key, { expiry, use, host, address, port })}` };
}
