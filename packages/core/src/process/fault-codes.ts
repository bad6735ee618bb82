/** What is told of a fault: what happened, and what to do. ERRORS.md says the same of each code. */
export interface FaultText {
  readonly happened: string;
  readonly remedy: string;
}

const table = {
  WHODUNIT_ADMIN_ANSWER: {
    happened: "An admin or health route could not make its answer, and answered 500.",
    remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.",
  },
  WHODUNIT_CHANNEL: {
    happened:
      "An outgoing request, or an operation of a database or queue, could not be read, and has no span.",
    remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.",
  },
  WHODUNIT_CLASSIFY: {
    happened: "The `classify` given to startTracing threw, or returned neither success nor failure.",
    remedy: "Let it return one of its two words for every request; until then the default rule decides.",
  },
  WHODUNIT_CLOSE: {
    happened: "The exporter of spans failed to close.",
    remedy: "Read `close()`'s accounts for what was dropped, and look at the OTLP endpoint.",
  },
  WHODUNIT_ENCODE: {
    happened: "A span could not be encoded, and was dropped and counted as unreadable.",
    remedy: "Look for attributes with getters or proxies that throw.",
  },
  WHODUNIT_EXPORTER: {
    happened: "One of OpenTelemetry's exporters threw or rejected; what it was given is counted as failed.",
    remedy: "Look at the exporter that is named, and at `spans()` for what became of each span.",
  },
  WHODUNIT_EXPRESS_ROUTE: {
    happened: "Express' request properties cannot be watched, so a route may miss its router's mount path.",
    remedy:
      "Look for a library that defines `params` or `route` of `app.request` so that nobody can change them.",
  },
  WHODUNIT_FLUSH: {
    happened: "Spans could not be flushed.",
    remedy: "Look at the OTLP endpoint that OTEL_EXPORTER_OTLP_ENDPOINT names.",
  },
  WHODUNIT_HEALTH_AUTHORIZE: {
    happened: "The `authorize` given to createHealth threw, and the reader got no details.",
    remedy: "Let it return false where it cannot decide.",
  },
  WHODUNIT_HEALTH_EXPLAIN: {
    happened: "A probe's `explain` threw, so its time-out is told without a reason.",
    remedy: "Mend the probe's `explain`.",
  },
  WHODUNIT_HEALTH_LISTENER: {
    happened: "A listener of health changes threw or rejected.",
    remedy: "Catch errors inside the listener; the other listeners were told.",
  },
  WHODUNIT_HEALTH_METRICS: {
    happened: "A health metric could not be recorded.",
    remedy: "Look at the meter provider that the service registered with OpenTelemetry.",
  },
  WHODUNIT_HEALTH_PROBE_CLOSE: {
    happened: "A probe's `close` threw.",
    remedy: "Mend the probe's `close`; the other probes were closed.",
  },
  WHODUNIT_HEALTH_RUN: {
    happened: "The result of a probe's run could not be taken in.",
    remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.",
  },
  WHODUNIT_HEALTH_WEBHOOK: {
    happened: "A health change could not be delivered to the webhook, and was given up.",
    remedy: "Look at the webhook's URL, headers and answer; a 4xx is not tried again.",
  },
  WHODUNIT_HEALTH_WEBHOOK_FULL: {
    happened: "The webhook is too slow for the changes, and the oldest that waited was dropped.",
    remedy: "Look at the webhook's response time.",
  },
  WHODUNIT_INJECT: {
    happened: "Trace context could not be written to an outgoing request, which went out without it.",
    remedy: "Look for a propagator of the service's own that writes what no header can hold.",
  },
  WHODUNIT_LOG_CLOSE: {
    happened: "The log's destination failed to close.",
    remedy: "Look at the destination; lines that it had not taken are lost.",
  },
  WHODUNIT_LOG_DESTINATION: {
    happened: "The stream given as `destination` failed or threw at a line.",
    remedy: "Look at the stream's own errors; lines are counted as dropped while it fails.",
  },
  WHODUNIT_LOG_EVENT: {
    happened: "The fields of a catalogue's event could not be read, and the line has none of them.",
    remedy: "Look for proxies or getters that throw among the fields.",
  },
  WHODUNIT_LOG_EVENT_MISFIT: {
    happened: "A line does not fit the catalogue, and has only the fields that do.",
    remedy: "Mend the call, or define the event and its fields in `defineEvents`.",
  },
  WHODUNIT_LOG_FIELDS: {
    happened: "The fields given to an OpenTracing span's `log` could not be read.",
    remedy: "Look for proxies or getters that throw among the fields.",
  },
  WHODUNIT_LOG_INSTRUMENTATION: {
    happened: "An instrumentation of pino threw at a line, which was written without it.",
    remedy: "Look at the APM that instruments pino.",
  },
  WHODUNIT_LOG_LINE: {
    happened: "A line could not be written whole, and has its level, time and name only.",
    remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.",
  },
  WHODUNIT_LOG_NAME: {
    happened: "A log call's first argument is no name: the line is `<scope>-unnamed` and has it as its text.",
    remedy:
      'Give it a name, such as `log.error("fail-redeem", { err })`, so that it can be counted and found.',
  },
  WHODUNIT_LOG_PINO: {
    happened: "A getter threw while pino read what it was given, and the line was written without pino.",
    remedy: "Look for proxies or getters that throw among the arguments of `log.pino`.",
  },
  WHODUNIT_LOG_PINO_CHILD: {
    happened: "Options of a pino child logger could not be heeded, and it has the level of its parent.",
    remedy:
      "Look at `level` and `customLevels` given to `log.pino.child`, to a route's `logLevel` or a child factory.",
  },
  WHODUNIT_LOG_SERIALIZER: {
    happened: "A pino serializer or formatter threw, and what it was for was written as it stands.",
    remedy: "Mend the serializer given to pino or to the child logger.",
  },
  WHODUNIT_PROCESSOR: {
    happened: "One of the span processors given to startTracing threw or rejected.",
    remedy: "Mend the processor that is named; the other processors and the exporters got the span.",
  },
  WHODUNIT_PROPAGATOR: {
    happened: "A propagator threw at a carrier, and was passed over.",
    remedy: "Look at the propagators that OTEL_PROPAGATORS names.",
  },
  WHODUNIT_REQUEST_LISTENER: {
    happened: "What was to happen at the end of a request threw.",
    remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.",
  },
  WHODUNIT_RESOURCES: {
    happened: "The process's resources could not be read, and that second is missing in `/debug/traffic`.",
    remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.",
  },
  WHODUNIT_SAMPLER: {
    happened: "The sampler given to startTracing threw, and the span was not sampled.",
    remedy: "Mend the sampler; the request went on and was counted in traffic.",
  },
  WHODUNIT_SDK_SHUTDOWN: {
    happened: "OpenTelemetry's NodeSDK failed to shut down.",
    remedy: "Look at the metric readers and log processors that were given to it.",
  },
  WHODUNIT_SHUTDOWN_FLUSH: {
    happened: "A step of the shutdown list failed to flush at a signal.",
    remedy: "Look at the step that is named.",
  },
  WHODUNIT_SHUTDOWN_STEP: {
    happened: "A step of the shutdown list failed to close.",
    remedy: "Look at the step that is named; the steps after it were run.",
  },
  WHODUNIT_START_SPAN: {
    happened: "The options of a span could not be read, and it was started without them.",
    remedy: "Look for proxies or getters that throw among the options of the span.",
  },
} as const;

/** The code of a fault: what a warning of Whodunit's bears as its `code`. */
export type FaultCode = keyof typeof table;

/** Every code with what it means. */
export const FAULTS: Readonly<Record<FaultCode, FaultText>> = table;
