import { optionError } from "@whodunit/core";
import { type Bindings, type ChildLoggerOptions, type Logger as Pino, pino, symbols } from "pino";
import type { Scope } from "../gates/scope.ts";
import type { SharedFields } from "../line/shared-fields.ts";
import type { LogCore } from "../log-core.ts";
import { instrumentationOf } from "./apm.ts";
import {
  asJson,
  BINDINGS,
  ERROR_FROM,
  type Instance,
  logMethod,
  type PendingLine,
  SCOPE,
  type Serializers,
  serialized,
  UNNAMED,
  write,
} from "./pino-line.ts";

const { asJsonSym, chindingsSym, formatOptsSym, serializersSym, writeSym } = symbols;
const UNHEEDED = [
  ["redact", 'the option "redact" of createLogger, which is for all its loggers'],
  ["formatters", 'the option "serializers"'],
] as const;

type PinoMethod = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** A pino instance whose methods, and those of its children, also take `(name, fields)` and `(name, error)`. */
export type PinoLogger = { child(bindings: Bindings, options?: ChildLoggerOptions): PinoLogger } & Record<
  PinoMethod,
  (name: string, fields: object) => void
> &
  Pino;

const bases = new WeakMap<LogCore, Instance>();

/**
 * A real pino instance that writes our lines: trace, debug and info as debug lines, warn, error and fatal as
 * error lines. `(name, fields)` gives a named line; anything else is free text under `<scope>-unnamed`.
 */
export function createPino(core: LogCore, scope: Scope, bindings: SharedFields): PinoLogger {
  const instance = basePino(core).child({});
  instance[SCOPE] = scope;
  setBindings(instance, bindings);
  return instance as unknown as PinoLogger;
}

/** Makes the pino instance from which all others of one `createLogger` are made. */
export function preparePino(core: LogCore): void {
  basePino(core);
}

function basePino(core: LogCore): Instance {
  let base = bases.get(core);
  if (base === undefined) {
    base = createBase(core);
    bases.set(core, base);
  }
  return base;
}

function createBase(core: LogCore): Instance {
  const pending: PendingLine = {
    name: undefined,
    recorded: false,
    level: "debug",
    event: core.scope.event(UNNAMED),
    context: undefined,
  };
  const stream = {
    write: (line: string) => core.toSink(line),
    flush: (done?: (error?: Error) => void) => void core.lifecycle.flush().then(() => done?.()),
  };
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const hooks = { logMethod: logMethod(core, pending) };
  const base = pino({ base: null, level: "trace", timestamp, hooks }, stream) as unknown as Instance;
  core.instrumentation = instrumentationOf(base, stream);
  base[asJsonSym] = asJson(core, pending);
  base[writeSym] = write(core, pending);
  // Objects in `%o` and `%j` become text before the line's own writer could look at their keys.
  base[formatOptsSym] = { stringify: (value: unknown) => core.valueText(value) };
  base[SCOPE] = core.scope;
  setBindings(base, core.bindings);
  overrideBindings(base, core);
  const { isLevelEnabled } = base;
  base.isLevelEnabled = function (this: Instance, level) {
    const number = pino.levels.values[level] ?? 0;
    return isLevelEnabled.call(this, level) && (number >= ERROR_FROM || core.debugs(this[SCOPE]));
  };
  return base;
}

// pino turns a child's bindings into text itself, and there a secret would pass.
function overrideBindings(base: Instance, core: LogCore): void {
  const { child } = base;
  base.child = function (this: Instance, bindings, options) {
    refuseUnheeded(options);
    const made = child.call(this, {}, options === undefined || options === null ? undefined : { ...options });
    const fields = serialized(made[serializersSym] as Serializers, bindings ?? {});
    setBindings(made, core.merged(this[BINDINGS], core.sharedFields(fields)));
    return made;
  };
  base.setBindings = function (this: Instance, bindings) {
    const fields = serialized(this[serializersSym] as Serializers, bindings ?? {});
    setBindings(this, core.merged(this[BINDINGS], core.sharedFields(fields)));
  };
}

// pino's redaction and formatters are for text that it writes itself: ignored in silence, they would let secrets pass.
function refuseUnheeded(options: ChildLoggerOptions | null | undefined): void {
  for (const [option, wanted] of UNHEEDED) {
    const value = options?.[option];
    if (value !== undefined && value !== null) throw optionError("log.pino.child", option, value, wanted);
  }
}

function setBindings(instance: Instance, bindings: SharedFields): void {
  instance[BINDINGS] = bindings;
  // For pino's own `bindings()`, and for pino-http, which look there.
  instance[chindingsSym] = bindings.text;
}
