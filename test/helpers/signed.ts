import {
  ASKING_MS,
  readKeys,
  SIGNATURE_HEADER,
  signatureOf,
} from "../../packages/cli/src/sources/live/key.ts";

/** What a request to a service on loopback bears so that `/debug/*` answers it: a signature by this user's key. */
export async function signed(url: string | URL, { changes = false } = {}): Promise<Record<string, string>> {
  const { host, port } = new URL(url);
  const claim = { host, addresses: ["127.0.0.1"], port: Number(port || 80), changes, ttlMs: ASKING_MS };
  return { [SIGNATURE_HEADER]: signatureOf(await readKeys(), claim) };
}
