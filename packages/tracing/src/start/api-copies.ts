import { propagation, type TracerProvider, trace } from "@opentelemetry/api";
import { loadedApis } from "#load";

/*
 * A process may hold several copies of OpenTelemetry's API: one for ES modules and one for CommonJS, and other versions in
 * other folders. All register in one object, which bears the version of the copy that came first. A copy reads what a
 * copy of its own or a later minor version registered, and registers only beside its very own version.
 */
const GLOBAL = Symbol.for("opentelemetry.js.api.1");

interface Registered {
  version: string;
  trace?: unknown;
}

const process_ = globalThis as { [GLOBAL]?: Registered | undefined };

// Worked out once: a copy that registers elsewhere forgets what it has looked at.
const own: { version?: string } = {};

/** The version of the API that this package uses. A copy tells it to nobody but in what it registers. */
export function ownApiVersion(): string {
  own.version ??= apart(() => {
    propagation.setGlobalPropagator({ inject() {}, extract: (context) => context, fields: () => [] });
    const version = process_[GLOBAL]?.version ?? "unknown";
    propagation.disable();
    return version;
  });
  return own.version;
}

/**
 * Makes what another version of the API has registered readable from here. Returns that version; undefined where nothing
 * is registered, or by our own version.
 */
export function readOtherVersion(): string | undefined {
  const found = process_[GLOBAL];
  if (found === undefined) return undefined;
  const { version } = found;
  const ownVersion = ownApiVersion();
  if (version === ownVersion) return undefined;
  if (isRead(found)) return version;
  // A copy looks at the version once: afterwards the others may go on to register as the version that they are.
  found.version = ownVersion;
  isRead(found);
  for (const copy of loadedApis()) copy.trace.getTracerProvider();
  if (found.trace !== undefined) found.version = version;
  if (!isRead(found)) found.version = ownVersion;
  return version;
}

/**
 * Registers a provider, and with the copies of the API that are loaded, too: a tracer that was got before finds only the
 * provider that was registered with the copy it came from. It keeps finding it when that registration is taken back.
 * Returns whether it was registered.
 */
export function registerProvider(provider: TracerProvider): boolean {
  for (const copy of loadedApis()) {
    if (copy.trace === trace) continue;
    apart(() => {
      copy.trace.setGlobalTracerProvider(provider);
      copy.trace.disable();
    });
  }
  return trace.setGlobalTracerProvider(provider);
}

/** Whether our copy of the API reads what is registered. */
function isRead(found: Registered): boolean {
  const before = found.trace;
  found.trace ??= { getTracer() {} };
  const isSeen = trace.getTracerProvider() === found.trace;
  if (before === undefined) delete found.trace;
  return isSeen;
}

/** Runs `work` as if nothing were registered, and leaves what is registered as it was. */
function apart<Result>(work: () => Result): Result {
  const before = process_[GLOBAL];
  process_[GLOBAL] = undefined;
  try {
    return work();
  } finally {
    if (before === undefined) delete process_[GLOBAL];
    else process_[GLOBAL] = before;
  }
}
