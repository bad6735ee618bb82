import assert from "node:assert/strict";
import { test } from "node:test";
import { whodunit } from "../helpers/command.ts";
import { serve } from "../helpers/fake-service.ts";

const TOKEN = "a-secret-of-sixteen";

/** Each command that asks somebody who may refuse, with what it calls them. */
const COMMANDS: Readonly<
  Record<string, (url: string) => { readonly args: readonly string[]; readonly who: string }>
> = {
  tap: (url) => ({ args: ["tap", url], who: "the service" }),
  level: (url) => ({ args: ["level", url], who: "the service" }),
  "level, to change": (url) => ({ args: ["level", url, "web", "debug", "--for", "1m"], who: "the service" }),
  health: (url) => ({ args: ["health", url], who: "the service" }),
  stat: (url) => ({ args: ["stat", url], who: "the service" }),
  edges: (url) => ({ args: ["edges", url], who: "the service" }),
  investigate: (url) => ({ args: ["investigate", url], who: "the service" }),
  profile: (url) => ({ args: ["profile", url, "--for", "1s"], who: "the service" }),
  doctor: (url) => ({ args: ["doctor", url], who: "the service" }),
  lines: (url) => ({ args: ["lines", "--view", url], who: "it" }),
  traces: (url) => ({ args: ["traces", "--view", url], who: "it" }),
};

for (const [title, command] of Object.entries(COMMANDS)) {
  test(`whodunit A14: ${title} names the remedy of a 401 without a token, and offers it to nobody who has tried it`, async (t) => {
    const { url } = await serve(t, (_request, response) =>
      response.writeHead(401).end('{"error":"unauthorized"}'),
    );
    const { args, who } = command(url);
    const without = await whodunit(args);
    assert.ok(
      (without.stdout + without.stderr).includes(`(${who} wants a token: --token or WHODUNIT_TOKEN)`),
      without.stdout + without.stderr,
    );
    for (const given of [
      await whodunit([...args, "--token", TOKEN]),
      await whodunit(args, { env: { WHODUNIT_TOKEN: TOKEN } }),
    ]) {
      const said = given.stdout + given.stderr;
      assert.ok(said.includes(`(${who} refuses this token)`), said);
      assert.doesNotMatch(said, /wants a token|--follow/);
      assert.ok(!said.includes(TOKEN));
    }
  });
}

test("whodunit A14: a store that refuses is told apart from one that was asked without a token", async (t) => {
  const { url } = await serve(t, (_request, response) => response.writeHead(401).end("{}"));
  for (const args of [
    ["investigate", "--prometheus", url],
    ["stat", "--prometheus", url],
    ["edges", "--prometheus", url],
  ]) {
    assert.match((await whodunit(args)).stderr, /answered 401: it wants WHODUNIT_PROMETHEUS_TOKEN/);
    const { stderr } = await whodunit(args, { env: { WHODUNIT_PROMETHEUS_TOKEN: TOKEN } });
    assert.match(stderr, /answered 401: it refuses this token/);
    assert.ok(!stderr.includes(TOKEN));
  }
});
