// By no name at the top of the file: a bundle's banner has a `createRequire` there.
const nodeModule = process.getBuiltinModule("node:module");

/** Loads a package that need not be installed, when it is wanted. @throws when it is not there */
export function requireInstalled(name: string): unknown {
  return nodeModule.createRequire(import.meta.url)(name);
}

/** The files that the process has loaded as CommonJS. */
export function loadedFiles(): string[] {
  // Every require() of a process has the same; a bundle has no import.meta.url to make one from.
  return Object.keys(nodeModule.createRequire(process.execPath).cache);
}
