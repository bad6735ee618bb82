import { setImmediate as nextTurn } from "node:timers/promises";
import { JsonWriter } from "./json-writer.ts";

// A service answers nobody while one slice runs, and what it gives is sent.
const SLICE_MS = 1;
// As much as a reader that takes nothing has waiting for it.
const SLICE_BYTES = 131_072;

// All that is made in slices waits in one line: many askers hold the event loop no longer than one.
let line: Promise<unknown> = Promise.resolve();
// One slice runs at a time, so all are written in one place.
let json: JsonWriter | undefined;

/**
 * `,"name":[…]`, a list in a JSON object, made in slices of a millisecond, one slice in a turn of the event loop whoever else
 * makes some: `write` writes the elements of an item, each begun by `element()`.
 */
export async function* listInSlices<Item>(
  name: string,
  items: readonly Item[],
  write: (item: Item, json: JsonWriter) => void,
): AsyncGenerator<string, void, undefined> {
  yield `,"${name}":[`;
  let hasElements = false;
  for (let next = 0; next < items.length; ) {
    line = line.then(() => nextTurn());
    await line;
    json ??= new JsonWriter();
    json.hasElements = hasElements;
    let text: string;
    try {
      const endMs = performance.now() + SLICE_MS;
      do write(items[next++] as Item, json);
      while (next < items.length && json.length < SLICE_BYTES && performance.now() < endMs);
    } finally {
      text = json.take();
    }
    hasElements = json.hasElements;
    if (text !== "") yield text;
  }
  yield "]";
}
