import { createLogger } from "@whodunit/logger";
import type { Micro, Variant } from "../lib/micro.ts";
import { reader } from "./setup.ts";

const MB = 1_048_576;

function line(make: () => unknown): Variant {
  const { write, lines } = reader();
  const log = createLogger({ service: "bench", level: "debug", destination: { write } });
  const value = make();
  return { batch: 1, run: () => log.debug("request-completed", { value }), delivered: lines };
}

function keyed(count: number, value: () => unknown): object {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, value()]));
}

export const micro: Micro = {
  title: "a line of a value of 50 MB",
  note: "What is over the bounds is not looked at, so the size does not matter; but the keys of one object the engine lists all, before the first is read. A line is cut at 64 KB.",
  variants: {
    "64 KB of text": () => line(() => "text and ".repeat(7_282)),
    "an array of 1,000,000 texts": () =>
      line(() => Array.from({ length: 1_000_000 }, (_, n) => `this is number ${n}`)),
    "a Map of 500,000 texts of 100 characters": () =>
      line(() => new Map(Object.entries(keyed(500_000, () => "x".repeat(100))))),
    "objects of 100 keys, three deep": () =>
      line(() => keyed(100, () => keyed(100, () => keyed(50, () => "x".repeat(100))))),
    "100 texts of 500 KB": () =>
      line(() => keyed(100, () => Buffer.alloc(500_000, "text and ").toString("latin1"))),
    "a Buffer of text": () => line(() => Buffer.alloc(50 * MB, "text and ")),
    "an object of 500,000 keys": () => line(() => keyed(500_000, () => "x".repeat(100))),
  },
};
