export { reportFault } from "./fault.ts";
export type { Name } from "./name.ts";
export { isName, NAME_GRAMMAR, NAME_MAX_LENGTH, normaliseName } from "./name.ts";
export { checkInteger, checkOneOf, checkOptions, checkType, optionError } from "./options.ts";
export { percentDecoded } from "./percent.ts";
