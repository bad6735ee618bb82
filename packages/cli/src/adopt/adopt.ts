import type { Paint } from "../terminal/terminal.ts";
import { renderDiff, renderPlan } from "./adopt-text.ts";
import { planAdoption } from "./plan.ts";
import { readProject } from "./project.ts";
import { writeChanges } from "./write.ts";

export { Refusal } from "./refusal.ts";

/**
 * Fits the project in a folder with logs, health and tracing, or says what would.
 *
 * @param version of the packages to depend on
 * @param write whether to make the changes: all of them, or none
 * @returns the changes as a unified diff, and what was found
 * @throws Refusal where something is not understood
 * @throws Error where a file cannot be read or written
 */
export function adopt(
  folder: string,
  version: string,
  write: boolean,
  paint: Paint,
): { diff: string; summary: string } {
  const project = readProject(folder);
  const plan = planAdoption(project, version);
  if (write) writeChanges(project.folder, plan.changes);
  return { diff: renderDiff(plan.changes, paint), summary: renderPlan(plan, write, paint) };
}
