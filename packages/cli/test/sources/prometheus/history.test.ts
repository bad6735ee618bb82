import assert from "node:assert/strict";
import { test } from "node:test";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { type InvestigateOptions, investigate } from "../../../src/index.ts";
import { deadAddress } from "../../helpers/fake-service.ts";

const DAY_S = 86_400;
const PER_SECOND = 10;
const FAILING = 0.03;

interface Process {
  readonly instance: string;
  readonly startS: number;
  /** Stretches in which it was scraped at both ends, and whether it failed between them; the earliest first. */
  readonly stretches: readonly (readonly [fromS: number, toS: number, fails: boolean])[];
}

/** What a store has scraped of one process. */
function linesOf(service: string, { instance, startS, stretches }: Process): string {
  const labels = `service_name="${service}",service_instance_id="${instance}",service_version="1.0.0"`;
  const lines: string[] = [];
  let failed = 0;
  let lastS = startS;
  const put = (atS: number, fails: boolean): void => {
    const own = `${labels},side="server",peer="unknown",route="POST /runs"`;
    const all = PER_SECOND * (atS - startS);
    if (fails) failed += Math.round(FAILING * PER_SECOND * (atS - lastS));
    lastS = atS;
    lines.push(
      `whodunit_requests_total{${own},class="2xx",outcome="success"} ${all - failed} ${atS}`,
      `whodunit_requests_total{${own},class="5xx",outcome="failure"} ${failed} ${atS}`,
      `whodunit_start_time_seconds{${labels}} ${startS} ${atS}`,
    );
  };
  for (const [fromS, toS, fails] of stretches) {
    if (fromS !== lastS) put(fromS, false);
    put(toS, fails);
  }
  return `${lines.join("\n")}\n`;
}

test("investigate() of a store holds this hour to the same one yesterday and a week ago, where they are there", async (t) => {
  const atS = Math.floor(Date.now() / 1_000) - 3_600;
  // Well in the hour before, and then three in a hundred fail.
  const today: Process = {
    instance: "today",
    startS: atS - 5_000,
    stretches: [
      [atS - 4_200, atS - 600, false],
      [atS - 600, atS - 60, true],
      [atS - 60, atS, true],
    ],
  };
  const before = (days: number, fails: boolean): Process => {
    const middleS = atS - days * DAY_S;
    return {
      instance: `${days} days ago`,
      startS: middleS - 10_000,
      stretches: [[middleS - 1_800, middleS + 1_800, fails]],
    };
  };
  const services: Readonly<Record<string, readonly Process[]>> = {
    "each-night": [before(7, true), before(1, true), today],
    "since-yesterday": [before(1, true), today],
    "each-week": [before(7, true), today],
    "only-today": [before(7, false), before(1, false), today],
    "never-before": [today],
  };
  const history = Object.entries(services).flatMap(([name, processes]) =>
    processes.map((process) => linesOf(name, process)),
  );
  const prometheus = await startPrometheus(t, { history: [history.join("")] });
  if (prometheus === undefined) return;
  const told: Record<string, string> = {};
  for (const name of Object.keys(services)) {
    const store = { url: prometheus.url, at: new Date(atS * 1_000), match: `service_name="${name}"` };
    const options: InvestigateOptions = { store, view: await deadAddress() };
    told[name] = (await investigate([], options)).verdict;
  }
  assert.deepEqual(told, {
    "each-night": "nothing",
    "since-yesterday": "nothing",
    "each-week": "nothing",
    "only-today": "culprit",
    "never-before": "culprit",
  });
});
