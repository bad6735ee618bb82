import { reportFault } from "@whodunit/core";
import { type Bindings, type ChildLoggerOptions, type Logger as Pino, pino, symbols } from "pino";
import type { Scope } from "../gates/scope.ts";
import type { SharedFields } from "../line/shared-fields.ts";
import type { LogCore } from "../log-core.ts";
import { instrumentationOf } from "./apm.ts";
import { hider } from "./child-redact.ts";
import {
  asJson,
  BINDINGS,
  HIDE,
  type Instance,
  instanceOf,
  logMethod,
  OWN_LEVEL,
  type PendingLine,
  SCOPE,
  shownFields,
  write,
} from "./pino-line.ts";

const { asJsonSym, chindingsSym, levelValSym, setLevelSym, writeSym } = symbols;
type PinoMethod = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** A pino instance whose methods, and those of its children, also take `(name, fields)` and `(name, error)`. */
export type PinoLogger = {
  /** A logger whose lines have these fields too. */
  child(bindings: Bindings, options?: ChildLoggerOptions): PinoLogger;
} & Record<PinoMethod, (name: string, fields: object) => void> &
  Pino;

const METHODS: readonly PinoMethod[] = ["trace", "debug", "info", "warn", "error", "fatal"];
const bases = new WeakMap<LogCore, Instance>();

/**
 * A real pino instance that writes our lines: trace, debug and info as debug lines, warn, error and fatal as
 * error lines. `(name, fields)` gives a named line; anything else is free text under `<scope>-unnamed`.
 */
export function createPino(core: LogCore, scope: Scope, bindings: SharedFields): PinoLogger {
  const instance = basePino(core).child({});
  instance[SCOPE] = scope;
  setBindings(instance, bindings);
  // Handed on alone, the methods of a part of a service are still that part's.
  if (scope !== core.scope) {
    for (const method of METHODS) instance[method] = onInstance(instance, instance[method]);
  }
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
    text: undefined,
    recorded: false,
    level: "debug",
    number: 0,
    event: core.scope.unnamed,
    context: undefined,
  };
  const stream = {
    write: (line: string) => core.toSink(line),
    flush: (done?: (error?: Error) => void) => void core.lifecycle.flush().then(() => done?.()),
  };
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const hooks = { logMethod: logMethod(core, pending, () => base) };
  const base: Instance = pino(
    { base: null, level: "trace", timestamp, hooks },
    stream,
  ) as unknown as Instance;
  core.instrumentation = instrumentationOf(base, stream);
  base[asJsonSym] = asJson(core, pending);
  base[writeSym] = write(core, pending);
  base[SCOPE] = core.scope;
  setBindings(base, core.bindings);
  overrideBindings(base, core);
  const { isLevelEnabled } = base;
  base.isLevelEnabled = function (this: Instance, level) {
    const instance = instanceOf(this, base);
    const number = pino.levels.values[level] ?? 0;
    if (!isLevelEnabled.call(instance, level)) return false;
    return (
      number >= core.pinoErrorFrom ||
      instance[OWN_LEVEL] !== undefined ||
      core.gates.debugs(instance[SCOPE], number)
    );
  };
  overrideLevel(base);
  letBeHandedOn(base);
  return base;
}

// Those of pino's methods that look at their instance before anybody is asked.
function letBeHandedOn(base: Instance): void {
  const { bindings, flush } = base;
  base.bindings = function (this: unknown) {
    return bindings.call(instanceOf(this, base));
  };
  // A listener is told more than a callback: `process.on("exit", log.pino.flush)`.
  base.flush = function (this: unknown, done) {
    flush.call(instanceOf(this, base), typeof done === "function" ? done : undefined);
  };
  const setLevel = base[setLevelSym] as (this: Instance, level: string | number) => void;
  base[setLevelSym] = function (this: Instance, level: string | number): void {
    setLevel.call(this, level);
    // It has made the methods of this instance anew.
    if (Object.hasOwn(this, "fatal")) this.fatal = onInstance(this, this.fatal);
  };
  base.fatal = onInstance(base, base.fatal);
}

function onInstance(otherwise: Instance, method: Instance["fatal"]): Instance["fatal"] {
  return function (this: unknown, ...given) {
    method.apply(instanceOf(this, otherwise), given);
  };
}

// Whoever sets a level on an instance, be it under the threshold, wants to see its lines.
function overrideLevel(base: Instance): void {
  Object.defineProperty(base, "level", {
    configurable: true,
    get(this: Instance) {
      return pino.levels.labels[this[levelValSym] as number] ?? "silent";
    },
    set(this: Instance, level: string) {
      (this[setLevelSym] as (level: string) => void)(level);
      this[OWN_LEVEL] = this[levelValSym] as number;
    },
  });
}

// pino turns a child's bindings into text itself, and there a secret would pass; what it throws at would end a request.
function overrideBindings(base: Instance, core: LogCore): void {
  const { child } = base;
  base.child = function (this: Instance, bindings, options) {
    const parent = instanceOf(this, base);
    const made = childOf(parent, child, options);
    const { formatters, level, redact } = options ?? {};
    if (level) made[OWN_LEVEL] = made[levelValSym] as number;
    if (redact !== undefined && redact !== null) made[HIDE] = hider(redact, core.mask, made[HIDE]);
    const fields = shownFields(made, bindings ?? {}, formatters?.bindings);
    setBindings(made, core.merged(parent[BINDINGS], core.sharedFields(fields)));
    return made;
  };
  base.setBindings = function (this: Instance, bindings) {
    // Handed on alone, it is nobody's.
    if (instanceOf(this, base) === base && this !== base) return;
    const fields = shownFields(this, bindings ?? {}, undefined);
    setBindings(this, core.merged(this[BINDINGS], core.sharedFields(fields)));
  };
}

function childOf(
  parent: Instance,
  child: Instance["child"],
  options: ChildLoggerOptions | null | undefined,
): Instance {
  if (options === undefined || options === null) return child.call(parent, {});
  // `redact`, and what formats bindings, are for text that pino writes itself: we heed them where ours is written.
  const { redact: _redact, formatters, ...own } = options;
  const heeded = formatters?.log === undefined ? own : { ...own, formatters: { log: formatters.log } };
  try {
    return child.call(parent, {}, heeded);
  } catch (error) {
    reportFault("WHODUNIT_LOG_PINO_CHILD", error);
    const { level: _level, customLevels: _customLevels, ...others } = heeded;
    return child.call(parent, {}, others);
  }
}

function setBindings(instance: Instance, bindings: SharedFields): void {
  instance[BINDINGS] = bindings;
  // For pino's own `bindings()`, and for pino-http, which look there.
  instance[chindingsSym] = bindings.text;
}
