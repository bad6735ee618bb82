import { listSetting } from "../running/settings.ts";

/** A part of the resource that OTEL_NODE_RESOURCE_DETECTORS asks for. */
export type Detector = "host" | "os" | "process";

const ALL: readonly Detector[] = ["host", "os", "process"];
// The environment and this instance's id are in every resource: what names them asks for no more.
const WORDS = [...ALL, "env", "service", "serviceinstance", "all", "none"] as const;
const DEFAULT: readonly Detector[] = ["host", "process"];

/** The parts of the resource. @throws TypeError when OTEL_NODE_RESOURCE_DETECTORS names one that is not there */
export function detectorsOf(env: NodeJS.ProcessEnv): readonly Detector[] {
  const words = listSetting("OTEL_NODE_RESOURCE_DETECTORS", env.OTEL_NODE_RESOURCE_DETECTORS, WORDS);
  if (words === undefined) return DEFAULT;
  if (words.includes("none")) return [];
  return ALL.filter((part) => words.includes(part) || words.includes("all"));
}
