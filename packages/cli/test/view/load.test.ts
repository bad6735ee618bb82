import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "../../src/index.ts";
import type { MapAnswer } from "../../src/view/page/browser/answers.ts";
import { sendCalls } from "../helpers/calls.ts";
import { post } from "../helpers/otlp.ts";

const TRACES_A_REQUEST = 100;
const REQUESTS = 60;
const MAX_BYTES = 8_388_608;

/** A short version of benchmarks/cli/view.bench.ts, which sends 5,000 spans/s for 60 s. */
test("startReceiver() takes more spans than it can hold, counts them all and answers meanwhile", async (t) => {
  const view = await startReceiver({ port: 0, maxBytes: MAX_BYTES });
  t.after(() => view.close());
  let sending = true;
  let answered = 0;
  let refused = 0;
  const asking = (async () => {
    while (sending) {
      for (const path of ["/api/map", "/api/traces?limit=50&error=true", "/api/counts", "/"]) {
        const response = await fetch(view.url + path);
        await response.text();
        assert.equal(response.status, 200, path);
        answered += 1;
      }
      // A file may go over its share by one batch before the next is begun.
      assert.ok((await view.counts()).bytes <= MAX_BYTES * 1.25);
      // What is malformed comes between, and takes nothing with it.
      refused += Number((await post(view.url, "{")).status === 400);
    }
  })();
  for (let i = 0; i < REQUESTS; i++) {
    await sendCalls(view, TRACES_A_REQUEST, [
      { from: "bot", to: "web" },
      { from: "web", to: "voting", failed: i % 20 === 0 },
    ]);
  }
  sending = false;
  await asking;
  const sent = REQUESTS * TRACES_A_REQUEST * 4;
  const { received, spans, evicted, dropped } = await view.counts();
  assert.deepEqual([received, spans + evicted + dropped], [sent, sent]);
  assert.ok(spans > 0 && evicted > 0);
  assert.ok(answered > 4 && refused > 0);

  // The store let most of them go; the map has counted every one.
  const map = (await (await fetch(`${view.url}/api/map?windowS=600`)).json()) as MapAnswer;
  assert.deepEqual(
    map.edges.map(({ from, to, requests, failures }) => [from, to, requests, failures]),
    [
      ["web", "voting", REQUESTS * TRACES_A_REQUEST, (REQUESTS / 20) * TRACES_A_REQUEST],
      ["bot", "web", REQUESTS * TRACES_A_REQUEST, 0],
    ],
  );
  // Failed traces outlive those that are well.
  const { traces } = (await (await fetch(`${view.url}/api/traces?limit=1000&error=true`)).json()) as {
    traces: { errors: number }[];
  };
  assert.equal(traces.filter(({ errors }) => errors > 0).length, (REQUESTS / 20) * TRACES_A_REQUEST);
});
