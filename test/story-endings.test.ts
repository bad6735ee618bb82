import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { masked } from "./helpers/documented-commands.ts";
import { fences, page } from "./helpers/documented-program.ts";
import { isFull, leftOut } from "./helpers/scale.ts";
import { isAlive, Story } from "./helpers/story.ts";
import { startVotes } from "./helpers/votes.ts";
import { walk } from "./helpers/walk.ts";

/** What the verdict says where somebody else, or something else, is at fault than in the story that `npm start` tells. */
const ENDINGS: Readonly<Record<string, readonly RegExp[]>> = {
  emoji: [/^emoji is murdering requests/m, /^ *route +GET \/emoji\/:shortcode$/m, /^ *suffering +web, /m],
  none: [/^Nothing out of the ordinary/m],
  "slow-link": [
    /^The way from web to voting is strangling requests: it has become slow/m,
    /^ *error +\+\d+ ms that voting does not see$/m,
  ],
  "blocked-loop": [
    /^voting is strangling requests: it has become slow/m,
    /^ *why +the event loop stands still: busy \d+ % of the time/m,
    /^ *profile +\d+ % of the time in countAllAgain, .*voting\.ts:\d+$/m,
  ],
  "bad-deploy": [
    /^voting is murdering requests/m,
    /^ *changed +\d+ s before: version 1\.8\.3 started/m,
    /^ *which +all \d+ are sweet=true; 0 of \d+ others$/m,
  ],
};

// Each is a run of all of it. That with voting, which stands for all of what is shown, is in every run.
const isLeftOut = leftOut(
  Object.keys(ENDINGS).filter((murderer) => murderer !== "bad-deploy"),
  1,
);

for (const [murderer, sentences] of Object.entries(ENDINGS)) {
  // A version is no change before the others are half a minute old.
  const skip = murderer === "bad-deploy" ? !isFull && "only in the full run" : isLeftOut(murderer);
  test(`the story with --murderer ${murderer} says what it was, and ends by itself`, { skip }, async (t) => {
    const story = await whole(t, "--murderer", murderer);
    for (const sentence of sentences) assert.match(story.section("whodunit investigate"), sentence);
    if (murderer === "none") assert.doesNotMatch(story.page, /murdering/);
    if (murderer !== "emoji") return;
    assert.match(story.section("whodunit summary"), /^emoji-http-response +\d+$/m);
    assert.doesNotMatch(story.section("whodunit summary"), /voting-/);
  });
}

/** Runs the story to its end. */
async function whole(t: TestContext, ...options: string[]): Promise<Story> {
  const story = new Story(t, options);
  assert.equal(await story.over(), 0, story.page);
  for (const [name, { pid }] of story.services()) assert.equal(isAlive(pid), false, name);
  return story;
}

test("examples/murder-mystery/README.md tells every ending, and no option that is not tried", async (t) => {
  await walk(t, "examples/murder-mystery/README.md", {}, async (page) => {
    const told = page.take(/^npm start\b/).map((command) => command.replace(/^npm start(?: -- )?/, ""));
    const endings = Object.keys(ENDINGS).map((murderer) => `--murderer ${murderer}`);
    assert.deepEqual(told.toSorted(), ["", "--keep", "--logs ./logs", ...endings].toSorted());
  });
});

test("README.md shows what npm start ends with, a little shorter, and its command names the culprit", async (t) => {
  const { web, vote } = await startVotes(t);
  await walk(t, "README.md", { places: { "http://web:8080": web } }, async (typed) => {
    const { stdout } = await typed.type(/^npm start$/);
    const printed = linesOf(stdout);
    let at = -1;
    for (const line of linesOf(fences(page("./README.md"), "text")[0]!)) {
      at = printed.indexOf(line, at + 1);
      assert.notEqual(at, -1, `"${line}" is not there, or not behind the lines before it:\n${stdout}`);
    }
    await vote(60, 20);
    assert.match((await typed.type(/^npx whodunit /, { code: 1 })).stdout, /^voting is murdering requests\./);
  });
});

/** The lines of a verdict, without how often and how much. */
const linesOf = (verdict: string): string[] =>
  masked(verdict)
    .replaceAll(/\d+ of \d+ requests \([\d.]+%\)/g, "<share>")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
