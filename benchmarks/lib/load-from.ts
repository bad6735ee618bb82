import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Imports a package of Whodunit's, or an entry of one. */
export type Load = <Module>(specifier: string) => Promise<Module>;

/** Loads from a checkout as a service would: by the `exports` of the package, under the conditions of this process. */
export function loadFrom(tree: string): Load {
  return async (specifier) => {
    const { resolve } = createRequire(`${tree}/packages/${specifier.split("/")[1]}/package.json`);
    return await import(pathToFileURL(resolve(specifier)).href);
  };
}
