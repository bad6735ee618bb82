import type { TestContext } from "node:test";
import {
  createHealth,
  type Health,
  type HealthChange,
  type HealthOptions,
  type Status,
} from "../../src/index.ts";
import { FakeClock } from "../../src/testing.ts";

export interface Watched {
  readonly health: Health;
  readonly clock: FakeClock;
  /** Every change told so far. */
  readonly changes: readonly HealthChange[];
  statuses(): Status[];
}

/** A health on a fake clock, closed when the test ends. */
export function watch(t: TestContext, options: Omit<HealthOptions, "service" | "clock">): Watched {
  const clock = new FakeClock();
  const health = createHealth({ service: "web", ...options, clock });
  t.after(() => health.close());
  const changes: HealthChange[] = [];
  health.subscribe((change) => void changes.push(change));
  return { health, clock, changes, statuses: () => health.entries().map((entry) => entry.status) };
}
