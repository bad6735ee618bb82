import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { hearWorkers, readWorker, readWorkerHeader, type Worker } from "../../src/sources/live/workers.ts";

const asIs = (worker: Worker | undefined): Worker | undefined => worker;

test("hearWorkers() A13: asks whatever is no cluster, or a cluster of one, once", async () => {
  for (const answer of [undefined, { worker: 7, of: 1 }]) {
    let asked = 0;
    const ask = async () => {
      asked++;
      return answer;
    };
    assert.deepEqual(await hearWorkers(ask, asIs), { answers: [answer], unheard: undefined });
    assert.equal(asked, 1);
  }
});

test("hearWorkers() A13: hears each of any number of workers once, whoever else connects, and gives back the other answers", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 16 }), fc.infiniteStream(fc.nat(3)), async (of, strangers) => {
      let turn = 0;
      let asked = 0;
      let dropped = 0;
      const ask = async (): Promise<Worker> => {
        asked++;
        // A primary hands connections out in turn; between two of ours come those of others.
        turn += 1 + (strangers.next().value % of);
        return { worker: 1 + (turn % of), of };
      };
      const { answers, unheard } = await hearWorkers(ask, asIs, { drop: () => dropped++ });
      if (unheard === undefined)
        assert.deepEqual(
          answers,
          Array.from({ length: of }, (_, i) => ({ worker: i + 1, of })),
        );
      else assert.equal(unheard, `${of - answers.length} of ${of} workers of a cluster were not heard`);
      assert.equal(answers.length + dropped, asked);
    }),
    { numRuns: runs(1_000) },
  );
});

test("hearWorkers() A13: says how many of how many were not heard, and when nobody tells how many there are", async () => {
  const ask = async (): Promise<Worker> => ({ worker: 3, of: 4 });
  const few = await hearWorkers(ask, asIs);
  assert.deepEqual(few, {
    answers: [{ worker: 3, of: 4 }],
    unheard: "3 of 4 workers of a cluster were not heard",
  });
  let turn = 0;
  const untold = await hearWorkers(async () => ({ worker: 1 + (turn++ % 3), of: null }), asIs);
  assert.equal(untold.answers.length, 3);
  assert.equal(untold.unheard, "3 workers of a cluster were heard, and nobody tells how many there are");
});

test("hearWorkers() A13: asks a service that claims any number of workers so often and no more", async () => {
  for (const claimed of [1e9, Number.MAX_VALUE, -1, 0, 0.5, null]) {
    let asked = 0;
    const { answers } = await hearWorkers(async () => ({ worker: asked++, of: claimed }), asIs);
    assert.ok(
      answers.length <= 132 && asked <= 1_400,
      `${answers.length} of ${claimed}, asked ${asked} times`,
    );
  }
});

test("hearWorkers() A13: goes on past answers that fail, refuse or come from a worker that was started since", async () => {
  let turn = 0;
  const ask = async (): Promise<Worker | undefined> => {
    turn++;
    if (turn === 2) throw new Error("read ECONNRESET");
    if (turn === 3) return undefined;
    return { worker: turn === 1 ? 1 : 5, of: 2 };
  };
  const { answers, unheard } = await hearWorkers(ask, asIs);
  assert.deepEqual([answers.map((one) => one?.worker), unheard], [[1, 5], undefined]);
  await assert.rejects(
    hearWorkers(() => Promise.reject(new Error("refused")), asIs),
    /refused/,
  );
});

test("readWorker() and readWorkerHeader() A13: take what a service says, and nothing else", () => {
  assert.deepEqual(readWorker({ workers: { worker: 2, of: 4 } }), { worker: 2, of: 4 });
  assert.deepEqual(readWorker({ workers: { worker: 2, of: null } }), { worker: 2, of: null });
  for (const body of [null, [], "x", {}, { workers: 4 }, { workers: { worker: "2" } }])
    assert.equal(readWorker(body), undefined);
  assert.deepEqual(readWorkerHeader("2/4"), { worker: 2, of: 4 });
  assert.deepEqual(readWorkerHeader("2/?"), { worker: 2, of: null });
  for (const text of [undefined, "", "2", "2/", "a/b", "-1/4", "1/4, 2/4", ["1/4"]])
    assert.equal(readWorkerHeader(text), undefined);
});
