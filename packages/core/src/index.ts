export type { DebugTokenOptions } from "./admin/debug-token.ts";
export {
  createDebugToken,
  DEBUG_BAGGAGE_KEY,
  DEBUG_HEADER,
  debugTokenExpiry,
  verifyDebugToken,
} from "./admin/debug-token.ts";
export type { Guard, GuardOptions } from "./admin/guard.ts";
export { createGuard } from "./admin/guard.ts";
export { reportFault } from "./process/fault.ts";
export type { ShutdownPhase, ShutdownStep } from "./process/shutdown.ts";
export { isShuttingDown, onShutdown, shutdown } from "./process/shutdown.ts";
export type { ExpressRequestLike } from "./request/express-route.ts";
export type { FastifyReplyLike, FastifyRequestLike } from "./request/framework-request.ts";
export {
  observeExpressError,
  observeExpressRequest,
  observeFastifyRequest,
  setRoute,
} from "./request/framework-request.ts";
export type {
  ObservedRequest,
  RequestEnd,
  RequestEndListener,
  RequestPart,
} from "./request/observed-request.ts";
export {
  isQuietPath,
  observedRequest,
  observeRequest,
  requestsInFlight,
} from "./request/observed-request.ts";
export type { Name } from "./text/name.ts";
export { isName, NAME_GRAMMAR, NAME_MAX_LENGTH, normaliseName } from "./text/name.ts";
export { checkInteger, checkOneOf, checkOptions, checkType, optionError } from "./text/options.ts";
export { percentDecoded } from "./text/percent-decode.ts";
