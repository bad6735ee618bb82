import { isBuiltin } from "node:module";
import { loadedModules } from "#load";

/** A module, or a file of one, that an instrumentation patches; it keeps the exports that it has patched. */
interface Patched {
  readonly name: string;
  readonly moduleExports?: unknown;
  readonly files?: readonly Patched[];
}

/** What is read of an instrumentation: `getModuleDefinitions()` tells nothing of what it has patched. */
interface Instrumentation {
  readonly _modules?: readonly Patched[];
}

/** How to start in time, for whoever reads the line. */
export const IN_TIME =
  "they were loaded before startTracing, so their instrumentations see nothing (nor where an instrumentation does not know the version). ES modules: run with --import @whodunit/tracing/register, or load them later by await import(). CommonJS: call startTracing before they are required";

/** The modules that are loaded, and were not patched by the instrumentations that are there for them. */
export function lateModules(instrumentations: readonly unknown[]): readonly string[] {
  const loaded = Object.entries(loadedModules()).map(
    ([path, { exports }]) => [path.replaceAll("\\", "/"), exports] as const,
  );
  const isLate = ({ name, moduleExports, files = [] }: Patched): boolean => {
    if (isBuiltin(name) || !loaded.some(([path]) => path.includes(`/node_modules/${name}/`))) return false;
    if (moduleExports === undefined) return true;
    return files.some((file) => {
      const [, exports] = loaded.find(([path]) => path.endsWith(`/node_modules/${file.name}`)) ?? [];
      return exports !== undefined && file.moduleExports === undefined && !hasWrapped(exports);
    });
  };
  const modules = (instrumentations.flat() as Instrumentation[]).flatMap(({ _modules = [] }) => _modules);
  return [...new Set(modules.filter(isLate).map(({ name }) => name))];
}

/** Whether some function of a module, or of a class that it is, was wrapped; by the module's other door, it may be. */
function hasWrapped(exports: unknown): boolean {
  const { prototype } = exports as { prototype?: object };
  const holders: unknown[] = [exports];
  for (let at = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) holders.push(at);
  return holders.some((holder) =>
    Object.values(Object.getOwnPropertyDescriptors(holder)).some(({ value }) => value?.__wrapped === true),
  );
}
