import { CIRCLE_FAULTS } from "./circle-faults.ts";
import { FAILING_FAULTS } from "./failing-faults.ts";
import { INJECTED_FAULTS } from "./injected-faults.ts";
import { QUIET_WORLDS } from "./quiet-worlds.ts";
import type { FaultKind } from "./scene.ts";
import { SLOW_FAULTS } from "./slow-faults.ts";

/** The kinds of fault that the rules were tuned on, by name. Nobody may be named in those that begin with "none". */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  ...FAILING_FAULTS,
  ...SLOW_FAULTS,
  ...QUIET_WORLDS,
  ...INJECTED_FAULTS,
  ...CIRCLE_FAULTS,
};
