export { reportFault } from "./process/fault.ts";
export type { Name } from "./text/name.ts";
export { isName, NAME_GRAMMAR, NAME_MAX_LENGTH, normaliseName } from "./text/name.ts";
export { checkInteger, checkOneOf, checkOptions, checkType, optionError } from "./text/options.ts";
export { percentDecoded } from "./text/percent-decode.ts";
