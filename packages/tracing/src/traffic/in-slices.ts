import { setImmediate as nextTurn } from "node:timers/promises";

// A service answers nobody while one slice runs.
const SLICE_MS = 2;

// All that is made in slices waits in one line: many askers hold the event loop no longer than one.
let line: Promise<unknown> = Promise.resolve();

/**
 * Text made of items in slices of two milliseconds, one slice in a turn of the event loop whoever else makes some:
 * `write` gives each item's pieces.
 */
export async function* inSlices<Item>(
  items: readonly Item[],
  write: (item: Item) => readonly string[],
): AsyncGenerator<string, void, undefined> {
  for (let next = 0; next < items.length; ) {
    line = line.then(() => nextTurn());
    await line;
    const endMs = performance.now() + SLICE_MS;
    let text = "";
    do {
      for (const piece of write(items[next] as Item)) text += piece;
      next++;
    } while (next < items.length && performance.now() < endMs);
    if (text !== "") yield text;
  }
}
