import { existsSync } from "node:fs";
import { join } from "node:path";
import { findDatabases } from "./databases.ts";
import { Edit } from "./edit.ts";
import { type App, findApp } from "./find-app.ts";
import { manifestWith } from "./manifest-text.ts";
import { type ModuleParts, modulePath, moduleText } from "./module-text.ts";
import { fitExpress } from "./of-express.ts";
import { fitFastify } from "./of-fastify.ts";
import { fitNest, nestParts } from "./of-nest.ts";
import { type Installer, ownSources, type Project, type Source } from "./project.ts";
import { Refusal } from "./refusal.ts";
import { lookAround, type Seen } from "./seen.ts";
import { relativeImport } from "./style.ts";
import { lineOf } from "./syntax.ts";

/** One file before and after; before is null where there is none yet. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
}

/** What is to be changed in a project, and what is to be known of it. */
export interface Plan {
  /** Empty where the project has all three packages already. */
  readonly changes: readonly Change[];
  /** What was found, in sentences. */
  readonly found: readonly string[];
  /** What is left to do by hand. */
  readonly byHand: readonly string[];
  /** What is to install the packages then. */
  readonly installs: Installer;
}

const PACKAGES = ["@whodunit/health", "@whodunit/logger", "@whodunit/tracing"];

/**
 * Works out what fits a project with logs, health and tracing. Nothing is changed.
 *
 * @param version of the packages to depend on
 * @throws Refusal where something is not understood
 */
export function planAdoption(project: Project, version: string): Plan {
  const present = PACKAGES.filter((name) => isImported(project, name));
  if (present.length === PACKAGES.length)
    return { changes: [], found: ["all three packages are in use"], byHand: [], installs: project.installs };
  if (present.length > 0)
    throw new Refusal(
      `${present.join(" and ")} ${present.length === 1 ? "is" : "are"} in use already, and adopt fits all three at once`,
      "docs/getting-started.md shows where the others go.",
    );
  const app = findApp(project);
  checkModules(app, project);
  const path = modulePath(app.source);
  if (existsSync(join(project.folder, path)))
    throw new Refusal(
      `${path} is there already, where the telemetry would be made`,
      "Rename it and try again.",
    );
  const edits = new Map<Source, Edit>();
  const editOf = (source: Source): Edit => {
    const edit = edits.get(source) ?? new Edit(source, project);
    edits.set(source, edit);
    return edit;
  };
  const seen = lookAround(project);
  const module = relativeImport(app.source.path, path, project);
  const left = fit(app, project, editOf, module, seen.healthRoutes.length > 0 ? PREFIX : undefined);
  const databases = findDatabases(project, app.source);
  const changes = [
    { path: "package.json", before: project.manifestText, after: manifestWith(project, version) },
    {
      path,
      before: null,
      after: moduleText(path, databases.certain, project, editOf(app.source).style, partsOf(app)),
    },
    ...[...edits.values()].map((edit) => ({
      path: edit.source.path,
      before: edit.source.text,
      after: edit.finish(),
    })),
  ];
  return {
    changes: changes.filter(({ before, after }) => after !== before),
    found: foundOf(app, seen, databases.certain),
    byHand: [...left, ...databases.uncertain.map((one) => `in ${path}: ${one}`), ...byHandOf(seen, project)],
    installs: project.installs,
  };
}

function checkModules({ source }: App, { settings }: Project): void {
  const isCommonJs = source.program.body.some(
    ({ type }) => type === "TSExportAssignment" || type === "TSImportEqualsDeclaration",
  );
  if (settings.isVerbatim && isCommonJs)
    throw new Refusal(
      `${source.path} is CommonJS with verbatimModuleSyntax, where no import can be added`,
      'Write "import x = require(…)" for what docs/getting-started.md shows.',
    );
}

/** Before `/health/*`, where the service has routes of that name. */
const PREFIX = "/whodunit";

function fit(
  app: App,
  project: Project,
  editOf: (source: Source) => Edit,
  module: string,
  prefix: string | undefined,
): readonly string[] {
  if (app.framework === "Express") return fitExpress(app, project, editOf, module, prefix);
  if (app.framework === "Nest") return fitNest(app, editOf(app.source), module, prefix);
  fitFastify(app, editOf(app.source), module, prefix);
  return [];
}

function partsOf({ framework }: App): ModuleParts {
  return framework === "Nest" ? nestParts : { imports: [], text: "" };
}

function isImported(project: Project, name: string): boolean {
  return ownSources(project).some(({ imported }) =>
    [...imported.values()].some(({ module }) => module === name || module.startsWith(`${name}/`)),
  );
}

function foundOf(
  app: App,
  { loggers, healthRoutes }: Seen,
  databases: readonly { kind: string; source: Source }[],
): string[] {
  return [
    `${app.framework} in ${app.source.path}:${lineOf(app.call, app.source)}`,
    ...databases.map(({ kind, source }) => `${kind} in ${source.path}, watched by a probe`),
    ...loggers,
    ...(healthRoutes.length === 0
      ? []
      : [`routes under /health of its own (${healthRoutes.join(", ")}): ours stand under ${PREFIX}/health`]),
  ];
}

function byHandOf({ signals }: Seen, { unread }: Project): string[] {
  return [
    ...(signals.length === 0
      ? []
      : [
          `signals are handled in ${signals.join(", ")}: call shutdown() of @whodunit/core there, so that /health/ready says so first and spans leave`,
        ]),
    ...unread.map((one) => `not read, and so not looked at: ${one}`),
  ];
}
