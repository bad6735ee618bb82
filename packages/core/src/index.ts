export type { Answer, FastifyAnswerReply } from "./admin/answer.ts";
export { answerOf, json, send, sendByFastify } from "./admin/answer.ts";
export type { BaggageLike, DebugTokenOptions } from "./admin/debug-token.ts";
export {
  createDebugToken,
  DEBUG_BAGGAGE_KEY,
  DEBUG_HEADER,
  DebugTokens,
  debugTokenExpiry,
  verifyDebugToken,
  withDebugEntry,
} from "./admin/debug-token.ts";
export type { Guard, GuardOptions } from "./admin/guard.ts";
export { createGuard, GUARD_SHAPE, UNAUTHORIZED } from "./admin/guard.ts";
export { keyFile, readOrMakeKey } from "./admin/key.ts";
export type { SignedClaim } from "./admin/signature.ts";
export { macOf, SIGNATURE_HEADER } from "./admin/signature.ts";
export type { ProcessChange } from "./process/changes.ts";
export { onChange, recentChanges, recordChange, reportChange } from "./process/changes.ts";
export type { FaultCode, FaultText } from "./process/fault-codes.ts";
export { FAULTS } from "./process/fault-codes.ts";
export type { PoolState } from "./process/pools.ts";
export { watchedPools, watchPool } from "./process/pools.ts";
export { Rate } from "./process/rate.ts";
export { reportFault } from "./process/report-fault.ts";
export type { ShutdownPhase, ShutdownStep } from "./process/shutdown.ts";
export { isShuttingDown, onShutdown, shutdown } from "./process/shutdown.ts";
export type { OperatorLine } from "./process/standard-stream.ts";
export { openStandard, tellOperator } from "./process/standard-stream.ts";
export type { Workers } from "./process/workers.ts";
export { clusterWorkers } from "./process/workers.ts";
export { describeRequest } from "./request/describe.ts";
export type { ExpressRequestLike } from "./request/express-route.ts";
export type { FastifyAppLike } from "./request/fastify-unrouted.ts";
export { watchUnrouted } from "./request/fastify-unrouted.ts";
export type { Frame, RequestLink } from "./request/frame.ts";
export { currentFrame, enterFrame, runInFrame, runWithLog, runWithOtel } from "./request/frame.ts";
export type {
  FastifyAddedOptions,
  FastifyReplyLike,
  FastifyRequestLike,
} from "./request/framework-request.ts";
export {
  addedFastifyOptions,
  OWN_ROUTE_CONFIG,
  observeExpressError,
  observeExpressRequest,
  observeFastifyRequest,
  ownFastifyOptions,
  setError,
  setRoute,
} from "./request/framework-request.ts";
export { requestsInFlight } from "./request/in-flight.ts";
export type {
  ObservedRequest,
  RequestEndListener,
  RequestPart,
} from "./request/observed-request.ts";
export {
  currentRequest,
  observedRequest,
  observeRequest,
  ownAnswer,
} from "./request/observed-request.ts";
export { isSlow, type RequestEnd, type RequestOutcome, SLOW_MS } from "./request/request-end.ts";
export { preferredOffer } from "./text/accept.ts";
export { errorCode, errorType } from "./text/error-type.ts";
export { lazily } from "./text/lazily.ts";
export { isCloudMetadata, isLoopbackAddress, isPrivateAddress } from "./text/local-address.ts";
export type { Name } from "./text/name.ts";
export { isName, NAME_GRAMMAR, NAME_MAX_LENGTH, normaliseName } from "./text/name.ts";
export {
  bound,
  label,
  OPEN_METRICS,
  OPEN_METRICS_TYPE,
  PROMETHEUS_TEXT,
  PROMETHEUS_TEXT_TYPE,
} from "./text/open-metrics.ts";
export type { Check, Shape } from "./text/options.ts";
export {
  anything,
  checkShape,
  integer,
  list,
  ofType,
  oneOf,
  optional,
  optionError,
  required,
  requiredFunction,
  requiredInteger,
  requiredName,
  requiredOneOf,
} from "./text/options.ts";
export { SUPPRESS_TRACING } from "./text/otel-keys.ts";
export { percentDecoded } from "./text/percent-decode.ts";
