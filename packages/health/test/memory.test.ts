import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { requests } from "../../../test/helpers/scale.ts";
import { watch } from "./helpers/watch.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapMb(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const TIME_OUTS = requests(100_000);
const POLLS = (TIME_OUTS * 10).toLocaleString("en");

test(`${POLLS} polls and ${TIME_OUTS.toLocaleString("en")} time-outs grow the heap by less than 5 MB`, {
  timeout: 600_000,
}, async (t) => {
  const { clock, health } = watch(t, {
    probes: [
      { name: "well", intervalMs: 1_000, check: () => {} },
      {
        name: "late",
        intervalMs: 1_000,
        timeoutMs: 500,
        check: (signal) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      },
    ],
    authorize: (request) => request.headers.authorization !== undefined,
  });
  const polls = ["*/*", "text/html", "application/health+json"].flatMap((accept) =>
    [{}, { authorization: "yes" }].map((more) => {
      const request = new IncomingMessage(new Socket());
      return Object.assign(request, { method: "GET", url: "/health/status", headers: { accept, ...more } });
    }),
  );
  // 10 polls each time-out.
  const cycle = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await clock.advance(1_000);
      for (let index = 0; index < 10; index++) health.answer(polls[index % polls.length] as IncomingMessage);
    }
  };
  await cycle(2_000);
  const before = heapMb();
  await cycle(TIME_OUTS);
  const grown = heapMb() - before;
  assert.equal(health.entries()[1]?.status, "TIMEOUT");
  assert.ok(grown < 5, `${grown.toFixed(1)} MB`);
});
