import {
  type Attributes,
  type Context,
  context,
  type Link,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { LEAN_ROOT } from "../../context/lean-context.ts";
import { childContext } from "../../context/span-baggage.ts";
import { isSuppressed } from "../../context/suppress.ts";
import { callerOf, fitForHost, UNKNOWN_CALLER } from "../../propagation/caller.ts";
import { type Carrier, extractFrom, type HeaderCarrier, injectInto } from "../../propagation/carriers.ts";
import { isInstrumented } from "../../running/instrumented.ts";
import { outgoing, outgoingName } from "../../running/outgoing.ts";
import { errorKind, recordError } from "../../running/record-error.ts";
import { type RunningTracing, runningTracing } from "../../running/running.ts";
import { type Callee, countedName, messagingAttributes } from "../callee.ts";
import { type Driver, type Failure, type Operation, plainFailure, startOperation } from "../operation.ts";
import { guarded, whenSettled } from "./wrap.ts";

/** A kind of broker's client. */
export interface Messenger {
  /** The scopes of OpenTelemetry's instrumentations that make spans of the same. */
  readonly instrumentations: readonly string[];
  readonly failureOf?: (error: unknown) => Failure;
}

/** What is sent: one message or several, to one destination. */
interface Sent {
  readonly destination: string;
  readonly count: number;
}

/** A message on its way out. */
export interface Sending {
  readonly operation: Operation;
  /** To be written into the headers of each message. */
  readonly headers: Readonly<HeaderCarrier>;
}

/** Starts the sending of messages; undefined where nothing is traced. Never throws. */
export function startSending(
  messenger: Messenger,
  callee: Callee,
  destination: string,
  count = 1,
): Sending | undefined {
  const operation = startOperation({
    driver: driverOf(messenger),
    callee,
    name: `send ${destination}`,
    subject: { destination, count },
    kind: SpanKind.PRODUCER,
  });
  if (operation === undefined) return undefined;
  return { operation, headers: guarded(() => headersOf(operation, callee)) ?? {} };
}

const drivers = new WeakMap<Messenger, Driver<Sent>>();

function driverOf(messenger: Messenger): Driver<Sent> {
  let driver = drivers.get(messenger);
  if (driver === undefined) {
    driver = {
      instrumentations: messenger.instrumentations,
      describe({ destination, count }, callee) {
        const attributes = messagingAttributes(callee, destination, "send");
        if (count > 1) attributes["messaging.batch.message_count"] = count;
        return attributes;
      },
      failureOf: messenger.failureOf ?? plainFailure,
    };
    drivers.set(messenger, driver);
  }
  return driver;
}

function headersOf({ span }: Operation, { host }: Callee): HeaderCarrier {
  const headers: HeaderCarrier = {};
  const tracing = runningTracing();
  // Another instrumentation that has the span writes its own.
  if (span === undefined || tracing === undefined) return headers;
  injectInto(childContext(context.active(), span), headers);
  fitForHost(headers, host !== undefined && tracing.trusts(host), tracing.service);
  return headers;
}

/** What comes in: the headers of one message, or of each of a batch, and from where. */
export interface Received {
  readonly messenger: Messenger;
  readonly callee: Callee;
  readonly destination: string;
  readonly carriers: readonly Carrier[];
}

/**
 * Runs `handle` in the span of what has come, a child of the one that sent it; of a batch it has links. Counted as a
 * request of the sender's to this service. What `handle` returns or throws is handed on as it is.
 */
export function processing<Result>(received: Received, handle: () => Result): Result {
  const begun = guarded(() => begin(received));
  if (begun === undefined) return handle();
  let result: Result;
  try {
    result = context.with(begun.inside, handle);
  } catch (error) {
    begun.end({ error });
    throw error;
  }
  return whenSettled(
    result,
    () => begun.end(),
    (error) => begun.end({ error }),
  );
}

interface Begun {
  readonly inside: Context;
  end(failed?: { readonly error: unknown }): void;
}

function begin({ messenger, callee, destination, carriers }: Received): Begun | undefined {
  const tracing = runningTracing();
  if (tracing === undefined || isSuppressed(context.active())) return undefined;
  if (isInstrumented(messenger.instrumentations, tracing.foreignProvider)) return undefined;
  const origins = carriers.map((carrier) => extractFrom(LEAN_ROOT, carrier));
  const [first = LEAN_ROOT] = origins;
  const isBatch = carriers.length > 1;
  const parent = isBatch ? LEAN_ROOT : first;
  const name = `process ${destination}`;
  const startedAtMs = performance.now();
  const links = isBatch ? origins.flatMap(linkTo) : [];
  const span = tracing.tracer.startSpan(outgoingName(name), { kind: SpanKind.CONSUMER, links }, parent);
  const callers = new Set(origins.map((origin) => callerOf(trace.getSpanContext(origin))));
  const caller = callers.size === 1 ? [...callers][0]! : UNKNOWN_CALLER;
  return {
    inside: trace.setSpan(parent, span),
    end(failed) {
      guarded(() => {
        const failure = failed === undefined ? undefined : errorKind(failed.error);
        count(
          tracing,
          caller,
          name,
          performance.now() - startedAtMs,
          failure,
          span.isRecording() ? span.spanContext() : undefined,
        );
        if (span.isRecording()) {
          const attributes: Attributes = messagingAttributes(callee, destination, "process");
          if (isBatch) attributes["messaging.batch.message_count"] = carriers.length;
          if (failed !== undefined && failure !== undefined) {
            attributes["error.type"] = failure;
            span.setStatus({ code: SpanStatusCode.ERROR });
            recordError(span, failed.error);
          }
          span.setAttributes(outgoing(attributes));
        }
        span.end();
      });
    },
  };
}

function linkTo(origin: Context): Link[] {
  const found = trace.getSpanContext(origin);
  return found === undefined ? [] : [{ context: found }];
}

function count(
  { traffic }: RunningTracing,
  caller: string,
  name: string,
  durationMs: number,
  failure: string | undefined,
  spanContext: ReturnType<typeof trace.getSpanContext>,
): void {
  traffic.record({
    side: "server",
    peer: caller,
    route: countedName(traffic, "", name),
    status: undefined,
    errorType: failure,
    aborted: false,
    durationMs,
    trace: spanContext,
    thrown: failure,
  });
}
