import assert from "node:assert/strict";
import { test } from "node:test";
import { createDebugToken } from "@whodunit/core";
import { Story } from "./helpers/story.ts";

const SECRET = "the operators' shared secret";

test("a signed token turns debug on for one request in every service it reaches, and for no other", async (t) => {
  const story = new Story(t, ["--keep", "--murderer", "none"], {
    LOG_LEVEL: "error",
    WHODUNIT_DEBUG_SECRET: SECRET,
  });
  await story.shows(/== Left running[\s\S]*Ctrl-C/);
  const web = story.services().get("web")?.url;
  const vote = async (requestId: string, token?: string): Promise<void> => {
    const response = await fetch(`${web}/api/vote`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-request-id": requestId,
        ...(token !== undefined && { "whodunit-debug": token }),
      },
      body: JSON.stringify({ choice: "joy" }),
    });
    assert.equal(response.status, 200);
  };

  await vote("plain");
  await vote("forged", createDebugToken("a secret of somebody else's"));
  await vote("expired", expired());
  await vote("signed", createDebugToken(SECRET));
  story.ctrlC();
  assert.equal(await story.over(), 0);

  // The bot votes on meanwhile. A vote of its own that Ctrl-C makes fail brings its recorded debug lines.
  const debugged = new Map(
    [...story.lines()].map(([name, own]) => [
      name,
      own.map((line) => JSON.parse(line)).filter(({ level, recorded }) => level === "debug" && !recorded),
    ]),
  );
  const inWeb = debugged
    .get("web")
    ?.filter(({ route, RequestID }) => route !== undefined || RequestID !== undefined);
  assert.deepEqual(
    inWeb?.map(({ msg, RequestID }) => [msg, RequestID]),
    [
      ["web-api-vote-received", "signed"],
      ["web-http-response", "signed"],
    ],
  );
  const traceId = inWeb?.[0]?.trace_id;
  for (const service of ["emoji", "voting"]) {
    const requests = debugged.get(service)?.filter(({ msg }) => msg === `${service}-http-response`);
    assert.deepEqual(
      requests?.map(({ trace_id }) => trace_id),
      [traceId],
      `${service} debugs that request alone`,
    );
  }
});

/** A token that was good until a moment ago. */
function expired(): string {
  const { now } = Date;
  Date.now = () => now() - 60_000;
  try {
    return createDebugToken(SECRET, { ttlMs: 1_000 });
  } finally {
    Date.now = now;
  }
}
