const TIMEOUT_MS = 10_000;

/** Asks the receiver; null where it has no such thing. */
export async function ask<T>(path: string): Promise<T | null> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`The receiver answered ${answer.status}`);
  return answer.json() as Promise<T>;
}
