import assert from "node:assert/strict";
import { test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { isFull } from "../../../../../test/helpers/scale.ts";
import { type InvestigateOptions, investigate } from "../../../src/index.ts";
import { examine } from "../../../src/investigate/examine.ts";
import { deadAddress } from "../../helpers/fake-service.ts";
import { type Case, findCase, WORLDS } from "../../simulator/case.ts";
import { FAULTS } from "../../simulator/faults.ts";
import { scrapeCase } from "../../simulator/scraped.ts";

// One seed, so that nothing fails by chance; `WHODUNIT_SEED` tries another.
const SEED = Number(process.env.WHODUNIT_SEED ?? 1);
const COUNT = Number(process.env.INCIDENTS ?? (isFull ? 200 : 10));
const AGREE = 0.98;
const HOUR_MS = 3_600_000;
const SIX_HOURS_MS = 6 * HOUR_MS;
// Each incident's ten minutes are its own.
const APART_MS = 20 * 60_000;
const AT_ONCE = 10;

interface Incident {
  readonly one: Case;
  readonly at: Date;
  readonly live: string;
}

test("investigate() names from real Prometheus, by --at, whom it names when it asks the services at that moment", async (t) => {
  const incidents: Incident[] = [];
  // At a full hour: services remember by minutes, and so each run is as the one before.
  const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - SIX_HOURS_MS;
  function* history(): Iterable<string> {
    let lines = "";
    for (let i = 0; i < COUNT; i++) {
      const one = caseOf(i);
      const nowMs = startMs - i * APART_MS;
      const scraped = scrapeCase(one, nowMs, `case="${i}"`);
      incidents.push({ one, at: new Date(nowMs), live: told(examine(scraped.survey, 60)) });
      lines += scraped.lines;
      if (i % AT_ONCE !== AT_ONCE - 1 && i !== COUNT - 1) continue;
      yield lines;
      lines = "";
    }
  }
  const prometheus = await startPrometheus(t, { history: history() });
  if (prometheus === undefined) return;
  const view = await deadAddress();
  const differ: string[] = [];
  for (const [i, { one, at, live }] of incidents.entries()) {
    const store = { url: prometheus.url, at, match: `case="${i}"` };
    const options: InvestigateOptions = { store, view };
    const stored = told(await investigate([], options));
    if (stored !== live) differ.push(`${one.name}, ${one.world} (seed ${one.seed}): ${stored}, live ${live}`);
  }
  for (const story of differ) t.diagnostic(story);
  t.diagnostic(`${incidents.length - differ.length} of ${incidents.length} agree`);
  assert.ok(
    incidents.filter(({ live }) => live.startsWith("culprit")).length > COUNT / 2,
    "incidents have culprits",
  );
  assert.ok(differ.length <= Math.ceil(COUNT * (1 - AGREE)), differ.join("\n"));
});

/** Kinds and worlds in turn, each with a topology of its own. */
function caseOf(i: number): Case {
  const kinds = Object.entries(FAULTS);
  const [name, kind] = kinds[Math.floor((i * kinds.length) / Math.min(COUNT, kinds.length)) % kinds.length]!;
  return findCase(name, kind, WORLDS[i % WORLDS.length]!, SEED + i * 7_919);
}

const told = ({
  verdict,
  culprits,
}: Pick<Awaited<ReturnType<typeof investigate>>, "verdict" | "culprits">): string =>
  verdict === "culprit" ? `culprit ${culprits[0]!.service}` : verdict;
