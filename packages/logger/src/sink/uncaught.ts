const tellers: ((error: unknown, origin: string) => void)[] = [];
let listening = false;

/**
 * Has `tell` called with what ends the process, before it does: an error that nobody caught, or a promise's that nobody
 * handled. Where the service catches such errors itself (`process.on("uncaughtException")`) it goes on, and says so itself.
 * Of several loggers the one that was made first is told. Returns how to take it back.
 */
export function onUncaught(tell: (error: unknown, origin: string) => void): () => void {
  if (!listening) process.on("uncaughtExceptionMonitor", tellFirst);
  listening = true;
  tellers.push(tell);
  return () => {
    const at = tellers.indexOf(tell);
    if (at !== -1) tellers.splice(at, 1);
  };
}

function tellFirst(error: unknown, origin: string): void {
  if (process.listenerCount("uncaughtException") === 0) tellers[0]?.(error, origin);
}
