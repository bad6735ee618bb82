import { posix } from "node:path";
import type { Database } from "./databases.ts";
import type { Project, Source } from "./project.ts";
import { serviceName } from "./project.ts";
import { importLine, relativeImport, type Style } from "./style.ts";

/** Where the module stands in which the service's telemetry is made: beside the application's source. */
export function modulePath({ path }: Source): string {
  const ending = /\.[cm]?[jt]sx?$/.exec(path)?.[0] ?? ".js";
  return posix.join(posix.dirname(path), `whodunit${ending.replace("x", "")}`);
}

/** What a framework needs in that module beside. */
export interface ModuleParts {
  readonly imports: readonly (readonly [names: readonly string[], from: string])[];
  /** Statements, with double quotes, semicolons and two spaces a level. */
  readonly text: string;
}

/** The module that starts tracing and makes the log and the health of a service. */
export function moduleText(
  path: string,
  databases: readonly Database[],
  project: Project,
  style: Style,
  parts: ModuleParts,
): string {
  const { end, newline, indent, quote, imports } = style;
  const named = nameAll(databases);
  const traced = named.filter(({ silent }) => silent);
  const probes = [
    "trafficProbe(traffic)",
    ...named.map(({ probe, name, local, critical }) => {
      const client = local === "client" ? "client" : `client: ${local}`;
      return `${probe}({ name: ${quote}${name}${quote}, ${client}${critical ? ", critical: true" : ""} })`;
    }),
  ];
  const ready = ["createHealth", ...new Set(databases.map(({ probe }) => probe)), "trafficProbe"];
  const listed =
    probes.length === 1
      ? `[${probes[0]}]`
      : ["[", ...probes.map((probe) => `${indent}${indent}${probe},`), `${indent}]`].join(newline);
  const made = [
    `${imports ? "export " : ""}const logger = createLogger({ service })${end}`,
    `${imports ? "export " : ""}const health = createHealth({`,
    `${indent}service,`,
    `${indent}probes: ${listed},`,
    `})${end}`,
  ];
  return [
    ...[
      ...parts.imports,
      [ready, "@whodunit/health"] as const,
      [["createLogger"], "@whodunit/logger"] as const,
      [traced.length > 0 ? ["startTracing", "traceClient"] : ["startTracing"], "@whodunit/tracing"] as const,
    ]
      .sort(([, a], [, b]) => a.localeCompare(b, "en"))
      .map(([names, from]) => importLine(names, from, style)),
    ...named.map((database) => databaseImport(path, database, project, style)),
    "",
    `const service = ${quote}${serviceName(project)}${quote}${end}`,
    `const { traffic } = startTracing({ service })${end}`,
    ...traced.map(({ local }) => `traceClient(${local})${end}`),
    "",
    ...made,
    ...(parts.text === "" ? [] : ["", inStyle(parts.text, style)]),
    ...(imports ? [] : ["", `module.exports = { health, logger }${end}`]),
    "",
  ].join(newline);
}

interface Named extends Database {
  readonly name: string;
}

// Two of a kind, or of a local name, are told apart.
function nameAll(databases: readonly Database[]): Named[] {
  const locals = new Set(["service", "traffic", "logger", "health"]);
  return databases.map((database) => {
    const twins = databases.filter(({ kind }) => kind === database.kind);
    const local = locals.has(database.local) ? `${database.local}${locals.size}` : database.local;
    locals.add(local);
    const at = twins.indexOf(database);
    return { ...database, local, name: at === 0 ? database.kind : `${database.kind}_${at + 1}` };
  });
}

function databaseImport(
  path: string,
  { source, local, exported }: Named,
  project: Project,
  style: Style,
): string {
  const from = relativeImport(path, source.path, project);
  if (exported === "default") {
    const { quote, end } = style;
    return style.imports
      ? `import ${local} from ${quote}${from}${quote}${end}`
      : `const ${local} = require(${quote}${from}${quote})${end}`;
  }
  return importLine([exported === local ? local : `${exported} as ${local}`], from, style);
}

function inStyle(text: string, { quote, end, newline, indent }: Style): string {
  return text
    .split("\n")
    .map((line) => {
      const levels = (/^ */.exec(line)?.[0].length ?? 0) / 2;
      const own = line.trimStart().replaceAll('"', quote);
      return indent.repeat(levels) + (end === "" ? own.replace(/;$/, "") : own);
    })
    .join(newline);
}
