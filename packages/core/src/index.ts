export type { DebugTokenOptions } from "./debug-token.ts";
export {
  createDebugToken,
  DEBUG_BAGGAGE_KEY,
  DEBUG_HEADER,
  debugTokenExpiry,
  verifyDebugToken,
} from "./debug-token.ts";
export type { ExpressRequestLike } from "./express-route.ts";
export { reportFault } from "./fault.ts";
export type { FastifyReplyLike, FastifyRequestLike } from "./framework-request.ts";
export {
  observeExpressError,
  observeExpressRequest,
  observeFastifyRequest,
  setRoute,
} from "./framework-request.ts";
export type { Guard, GuardOptions } from "./guard.ts";
export { createGuard } from "./guard.ts";
export type { Name } from "./name.ts";
export { isName, NAME_GRAMMAR, NAME_MAX_LENGTH, normaliseName } from "./name.ts";
export { checkInteger, checkOneOf, checkOptions, checkType, optionError } from "./options.ts";
export { percentDecoded } from "./percent.ts";
export type { ObservedRequest, RequestEnd, RequestEndListener, RequestPart } from "./request.ts";
export { isQuietPath, observedRequest, observeRequest, requestsInFlight } from "./request.ts";
export type { ShutdownPhase, ShutdownStep } from "./shutdown.ts";
export { isShuttingDown, onShutdown, shutdown } from "./shutdown.ts";
