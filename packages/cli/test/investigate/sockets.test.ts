import assert from "node:assert/strict";
import { test } from "node:test";
import { examined, named, told } from "../helpers/examined.ts";

const quick = { ms: [[10, 1_000]] } as const;

/** web asks voting, which answers `served` of a hundred calls; of web's calls so many at a time wait for one socket. */
interface Story {
  readonly calls: Parameters<typeof told>[3];
  readonly served: Parameters<typeof told>[3];
  readonly waiting: number;
  readonly size?: number | null;
  /** Another callee of web, which has its calls in hand until they are given up. */
  readonly hangs?: boolean;
}

const GIVEN_UP = { ms: [[2_000, 100]], failures: 100, classes: { TimeoutError: 100 } } as const;

function ask({ calls, served, waiting, size = 1, hangs = false }: Story): string[] {
  const other = hangs ? ["other"] : [];
  return named(
    examined({
      web: {
        now: [
          told("server", "bot", "GET /", { ms: [[700, 100]] }),
          told("client", "voting", "GET", calls),
          ...other.map((name) => told("client", name, "GET", GIVEN_UP)),
        ],
        past: [
          told("server", "bot", "GET /", { ms: [[20, 1_000]] }),
          ...["voting", ...other].map((name) => told("client", name, "GET", quick)),
        ],
        waits: { voting: [waiting, size] },
      },
      voting: {
        now: [told("server", "web", "GET /", served)],
        past: [told("server", "web", "GET /", quick)],
      },
      ...(hangs && {
        other: {
          now: [told("server", "web", "GET /", { aborted: 100 })],
          past: [told("server", "web", "GET /", quick)],
        },
      }),
    }),
  );
}

const served = { ms: [[10, 100]] } as const;
const late = { ms: [[500, 100]] } as const;

test("examine() names the caller whose calls wait for its few sockets, and the way where sockets are few because it is slow", () => {
  // A hundred calls a minute that wait 480 ms each are 0.8 at a time.
  assert.deepEqual(ask({ calls: late, served, waiting: 0.8 }), ["web held-up"]);
  assert.deepEqual(ask({ calls: late, served, waiting: 0.1 }), ["voting slow-way"]);
  assert.deepEqual(ask({ calls: late, served, waiting: 0.8, size: null }), ["voting slow-way"]);
  // 900 ms, half of which are the wait: the other half keeps the socket.
  const slower = { ms: [[900, 100]] } as const;
  assert.deepEqual(ask({ calls: slower, served, waiting: 0.75 }), ["voting slow-way"]);
  // The callee itself keeps it.
  assert.deepEqual(ask({ calls: slower, served: { ms: [[450, 100]] }, waiting: 0.75 }), ["voting slow"]);
});

test("examine() names the caller whose calls are given up before they get a socket, and the callee that has them in hand", () => {
  const lost = {
    ...{ failures: 60, classes: { "2xx": 40, TimeoutError: 60 } },
    ms: [
      [300, 40],
      [2_000, 60],
    ],
  } as const;
  assert.deepEqual(ask({ calls: lost, served: { ms: [[10, 40]] }, waiting: 2 }), ["web held-up"]);
  assert.deepEqual(ask({ calls: lost, served: { ms: [[10, 40]], aborted: 35 }, waiting: 2 }), [
    "web held-up",
  ]);
  // Those that hang keep the socket, for which the others wait.
  const hanging = { ...GIVEN_UP, ms: [[2_000, 100]] } as const;
  assert.deepEqual(ask({ calls: hanging, served: { aborted: 45 }, waiting: 1.8 }), ["voting timeouts"]);
});

test("examine() names the callee that has calls in hand until their caller gives up, where calls to another wait for sockets meanwhile", () => {
  assert.deepEqual(ask({ calls: late, served, waiting: 0.8, hangs: true }), ["other timeouts"]);
  const lost = {
    ...{ failures: 60, classes: { "2xx": 40, TimeoutError: 60 } },
    ms: [
      [1_500, 40],
      [2_000, 60],
    ],
  } as const;
  const both = ask({ calls: lost, served: { ms: [[10, 40]] }, waiting: 2, hangs: true });
  assert.deepEqual(both, ["other timeouts"]);
});
