import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { startChild } from "../helpers/child.ts";

type Line = Readonly<Record<string, unknown>> & { readonly err?: Readonly<Record<string, unknown>> };

async function crash(
  t: TestContext,
  way: string,
): Promise<{ lines: Line[]; code: number | null; stderr: string }> {
  const child = startChild(t, "crash.ts", [way], "pipe");
  const [written, { code }] = await Promise.all([text(child.process.stdout!), child.ended]);
  const lines = written
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  return { lines, code, stderr: child.stderr() };
}

for (const [way, origin] of [
  ["throw", "uncaughtException"],
  ["reject", "unhandledRejection"],
] as const) {
  test(`a process that ends by ${origin} writes one error line with the error, redacted, and ends as it would`, async (t) => {
    const { lines, code, stderr } = await crash(t, way);
    assert.deepEqual(
      lines.map(({ level, msg, origin, err }) => [level, msg, origin, err?.type, err?.message]),
      [["error", "shop-process-crashed", origin, "TypeError", "no coupon for [Redacted]"]],
    );
    assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
    assert.equal(code, 1);
    assert.match(stderr, /TypeError: no coupon/, "Node says what it says");
  });
}

test("a process that ends by a thrown text writes it", async (t) => {
  const { lines } = await crash(t, "throw-text");
  assert.deepEqual(
    lines.map(({ msg, err }) => [msg, JSON.stringify(err).includes("no coupon")]),
    [["shop-process-crashed", true]],
  );
});

for (const way of ["request", "request-later"]) {
  test(`a request that ends the process (${way}) is named, and tells the debug lines that were recorded of it`, async (t) => {
    const { lines, code } = await crash(t, way);
    assert.deepEqual(
      lines.map(({ msg, RequestID, recorded, total }) => [msg, RequestID, recorded, total]),
      [
        ["shop-cart-priced", "r1", true, 12],
        ["shop-process-crashed", "r1", undefined, undefined],
      ],
    );
    assert.equal(code, 1);
  });
}

test("a service that catches such errors itself says so itself", async (t) => {
  const { lines, code } = await crash(t, "own-handler");
  assert.deepEqual([lines, code], [[], 3]);
});

test("after close() nothing is written of them to the file that may have another owner by now", async (t) => {
  const { lines } = await crash(t, "closed");
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ["other-process-crashed"],
  );
});
