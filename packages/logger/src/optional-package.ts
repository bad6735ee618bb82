// By no name at the top of the file: a bundle's banner has a `createRequire` there.
const nodeModule = process.getBuiltinModule("node:module");

/** Loads a package that need not be installed, when it is wanted. @throws when it is not there */
export function requireInstalled(name: string): unknown {
  return nodeModule.createRequire(import.meta.url)(name);
}
