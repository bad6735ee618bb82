import { isNativeError } from "node:util/types";
import { isName, optionError, reportFault } from "@whodunit/core";
import {
  type Bindings,
  type ChildLoggerOptions,
  type Logger as Pino,
  pino,
  stdSerializers,
  symbols,
} from "pino";
import type { Level } from "../gates/levels.ts";
import type { EventName, Scope } from "../gates/scope.ts";
import type { Fragment } from "../line/shared-fields.ts";
import type { Root } from "../log-core.ts";
import { instrumentationOf } from "./apm.ts";

const { asJsonSym, chindingsSym, formatOptsSym, mixinSym, serializersSym, writeSym } = symbols;
const PLACE = Symbol("whodunit.place");
const BINDINGS = Symbol("whodunit.bindings");
// pino's numbers: warn is 40.
const ERROR_FROM = 40;
const UNNAMED = "unnamed";
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

type Serializers = Record<string, ((value: unknown) => unknown) | undefined>;

/** A pino instance as its own files see it (pino 10, lib/proto.js), with what we add. */
interface Internals {
  [PLACE]: Place;
  [BINDINGS]: Fragment;
  [key: symbol]: unknown;
  child(bindings: object, options?: ChildLoggerOptions | null): Internals;
  setBindings(bindings: object): void;
  isLevelEnabled(level: string): boolean;
}

/** Where in the hierarchy the lines of a pino instance and its children belong. */
interface Place {
  readonly scope: Scope;
}

/** The line that pino is writing: set before pino sees it, read when it asks for the text. */
interface Pending {
  name: string | undefined;
  recorded: boolean;
  level: Level;
  event: EventName;
}

const bases = new WeakMap<Root, Internals>();

/**
 * A real pino instance that writes our lines: trace, debug and info as debug lines, warn, error and fatal as
 * error lines. `(name, fields)` gives a named line; anything else is free text under `<scope>-unnamed`.
 */
export function createPino(root: Root, scope: Scope, bindings: Fragment): PinoLogger {
  const instance = basePino(root).child({});
  instance[PLACE] = { scope };
  setBindings(instance, bindings);
  return instance as unknown as PinoLogger;
}

/** Makes the pino instance from which all others of one `createLogger` are made. */
export function preparePino(root: Root): void {
  basePino(root);
}

function basePino(root: Root): Internals {
  let base = bases.get(root);
  if (base === undefined) {
    base = createBase(root);
    bases.set(root, base);
  }
  return base;
}

function createBase(root: Root): Internals {
  const pending: Pending = {
    name: undefined,
    recorded: false,
    level: "debug",
    event: root.scope.event(UNNAMED),
  };
  const stream = {
    write: (line: string) => root.toSink(line),
    flush: (done?: (error?: Error) => void) => void root.flush().then(() => done?.()),
  };
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const hooks = { logMethod: logMethod(root, pending) };
  const base = pino({ base: null, level: "trace", timestamp, hooks }, stream) as unknown as Internals;
  root.instrumentation = instrumentationOf(base, stream);
  base[asJsonSym] = asJson(root, pending);
  base[writeSym] = write(root, pending);
  // Objects in `%o` and `%j` become text before the line's serialiser could look at their keys.
  base[formatOptsSym] = { stringify: (value: unknown) => root.valueText(value) };
  base[PLACE] = { scope: root.scope };
  setBindings(base, root.bindings);
  overrideBindings(base, root);
  const { isLevelEnabled } = base;
  base.isLevelEnabled = function (this: Internals, level) {
    const number = pino.levels.values[level] ?? 0;
    return isLevelEnabled.call(this, level) && (number >= ERROR_FROM || root.debugs(this[PLACE].scope));
  };
  return base;
}

/** pino's own `write`, but that no stream is shown the caller's object. */
function write(root: Root, pending: Pending) {
  return function (this: Internals, given: unknown, message: unknown, number: number): void {
    let fields: Record<string, unknown> = {};
    let text = message;
    if (given instanceof Error) fields = { err: given };
    else if (typeof given === "object" && given !== null) fields = given as Record<string, unknown>;
    if (text === undefined && typeof fields.msg === "string") {
      const { msg, ...others } = fields;
      text = msg;
      fields = others;
    }
    if (text === undefined && fields.err) text = (fields.err as { message?: unknown }).message;
    const mixin = this[mixinSym] as ((fields: object, number: number, log: object) => object) | undefined;
    if (mixin !== undefined) fields = { ...mixin(fields, number, this), ...fields };
    const line = (this[asJsonSym] as ReturnType<typeof asJson>).call(this, fields, text, number);
    if (pending.recorded) root.record(line, pending.event);
    else root.deliver(line, pending.level, pending.event);
  };
}

/** pino's `hooks.logMethod`: the threshold, and the two ways to call a method. */
function logMethod(root: Root, pending: Pending) {
  return function (this: unknown, args: unknown[], method: (...args: never[]) => void, number: number): void {
    const { scope } = (this as Internals)[PLACE];
    const [first] = args;
    const second = isNativeError(args[1]) ? { err: args[1] } : args[1];
    const beside = typeof first === "string" && args.length === 2 && isPlainObject(second);
    const named = beside && isName(`${scope.name}-${first}`);
    const event = scope.event(named ? first : UNNAMED);
    const fate = number < ERROR_FROM ? root.fate(scope, event) : "write";
    if (fate === "drop") return;
    if (number >= ERROR_FROM && !root.admitsError(event, named ? second : first)) return;
    // The line around this one, where a getter, `toJSON` or serializer of its fields logs.
    const { name, recorded, level, event: outer } = pending;
    pending.name = named ? first : undefined;
    pending.recorded = fate === "record";
    try {
      const call = method as (this: unknown, ...args: unknown[]) => void;
      // Behind a text without a place for it, pino would drop the object.
      if (named || (beside && !first.includes("%"))) call.call(this, second, first);
      else call.apply(this, args);
    } catch (error) {
      // pino reads properties of what it is given (`method`, `err.message`), and a getter may throw.
      reportFault("WHODUNIT_LOG_PINO", error);
      root.write(
        number < ERROR_FROM ? "debug" : "error",
        scope.event(UNNAMED),
        (this as Internals)[BINDINGS],
        {},
      );
    } finally {
      pending.name = name;
      pending.recorded = recorded;
      pending.level = level;
      pending.event = outer;
    }
  };
}

/** The line in place of pino's own: what `pino.symbols.asJsonSym` stands for. */
function asJson(root: Root, pending: Pending) {
  return function (this: Internals, object: object, message: unknown, number: number): string {
    const { scope } = this[PLACE];
    const { name } = pending;
    pending.name = undefined;
    pending.level = number < ERROR_FROM ? "debug" : "error";
    // A child's `msgPrefix` stands before the name.
    pending.event = scope.event(name === undefined ? UNNAMED : prefixed(message, name, scope));
    const fields = serialized(this[serializersSym] as Serializers, object);
    const { recorded } = pending;
    const unnamed = name === undefined && message !== undefined;
    const extras = unnamed ? { recorded, text: String(message) } : { recorded };
    return root.render(pending.level, pending.event, this[BINDINGS], fields, extras);
  };
}

function prefixed(message: unknown, name: string, scope: Scope): string {
  return typeof message === "string" && isName(`${scope.name}-${message}`) ? message : name;
}

// pino turns a child's bindings into text itself, and there a secret would pass.
function overrideBindings(base: Internals, root: Root): void {
  const { child } = base;
  base.child = function (this: Internals, bindings, options) {
    refuseUnheeded(options);
    const made = child.call(this, {}, options === undefined || options === null ? undefined : { ...options });
    const fields = serialized(made[serializersSym] as Serializers, bindings ?? {});
    setBindings(made, root.merged(this[BINDINGS], root.fragment(fields)));
    return made;
  };
  base.setBindings = function (this: Internals, bindings) {
    const fields = serialized(this[serializersSym] as Serializers, bindings ?? {});
    setBindings(this, root.merged(this[BINDINGS], root.fragment(fields)));
  };
}

// pino's redaction and formatters are for text that it writes itself: ignored in silence, they would let secrets pass.
function refuseUnheeded(options: ChildLoggerOptions | null | undefined): void {
  for (const [option, wanted] of UNHEEDED) {
    const value = options?.[option];
    if (value !== undefined && value !== null) throw optionError("log.pino.child", option, value, wanted);
  }
}

function setBindings(instance: Internals, bindings: Fragment): void {
  instance[BINDINGS] = bindings;
  // For pino's own `bindings()`, and for pino-http, which look there.
  instance[chindingsSym] = bindings.text;
}

/** `object` with the serializers of its keys applied, as pino does; a copy only where there is one to apply. */
function serialized(serializers: Serializers, object: object): object {
  let copy: Record<string, unknown> | undefined;
  for (const key in serializers) {
    const serializer = serializers[key];
    // Ours tells more of an error: its causes, its own fields.
    if (serializer === undefined || serializer === stdSerializers.err || !Object.hasOwn(object, key))
      continue;
    copy ??= { ...object };
    try {
      copy[key] = serializer(copy[key]);
    } catch (error) {
      reportFault("WHODUNIT_LOG_SERIALIZER", error);
    }
  }
  return copy ?? object;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  } catch {
    // A revoked proxy.
    return false;
  }
}
