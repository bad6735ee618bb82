import { isNativeError } from "node:util/types";
import { isName, reportFault } from "@whodunit/core";
import { type ChildLoggerOptions, stdSerializers, symbols } from "pino";
import { type Context, currentContext } from "../context.ts";
import type { Scope } from "../gates/scope.ts";
import type { EventName } from "../line/event-name.ts";
import type { Level } from "../line/level.ts";
import type { SharedFields } from "../line/shared-fields.ts";
import type { LogCore } from "../log-core.ts";

const { asJsonSym, mixinSym, serializersSym } = symbols;
/** Where a pino instance keeps the scope of its lines, and that of its children. */
export const SCOPE = Symbol("whodunit.scope");
/** Where it keeps the fields that are on all its lines. */
export const BINDINGS = Symbol("whodunit.bindings");
/** pino's number of the first level whose lines are error lines: warn. */
export const ERROR_FROM = 40;
/** The name of lines that nobody named. */
export const UNNAMED = "unnamed";

export type Serializers = Record<string, ((value: unknown) => unknown) | undefined>;

/** A pino instance as its own files see it (pino 10, lib/proto.js), with what we add. */
export interface Instance {
  [SCOPE]: Scope;
  [BINDINGS]: SharedFields;
  [key: symbol]: unknown;
  child(bindings: object, options?: ChildLoggerOptions | null): Instance;
  setBindings(bindings: object): void;
  isLevelEnabled(level: string): boolean;
}

/** The line that pino is writing: set before pino sees it, read when it asks for the text. */
export interface PendingLine {
  name: string | undefined;
  recorded: boolean;
  level: Level;
  event: EventName;
  context: Context | undefined;
}

/** pino's own `write`, but that no stream is shown the caller's object. */
export function write(
  core: LogCore,
  pending: PendingLine,
): (this: Instance, given: unknown, message: unknown, number: number) => void {
  return function (this: Instance, given: unknown, message: unknown, number: number): void {
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
    if (pending.recorded) core.record(line, pending.event, pending.context);
    else core.deliver(line, pending.level, pending.event, pending.context);
  };
}

/** pino's `hooks.logMethod`: the threshold, and the two ways to call a method. */
export function logMethod(
  core: LogCore,
  pending: PendingLine,
): (this: unknown, args: unknown[], method: (...args: never[]) => void, number: number) => void {
  return function (this: unknown, args: unknown[], method: (...args: never[]) => void, number: number): void {
    const scope = (this as Instance)[SCOPE];
    const [first] = args;
    const second = isNativeError(args[1]) ? { err: args[1] } : args[1];
    const textAndFields = typeof first === "string" && args.length === 2 && isPlainObject(second);
    const named = textAndFields && isName(`${scope.name}-${first}`);
    const event = scope.event(named ? first : UNNAMED);
    const context = currentContext();
    const fate = number < ERROR_FROM ? core.fate(scope, event, context) : "write";
    if (fate === "drop") return;
    if (number >= ERROR_FROM && !core.admitsError(event, named ? second : first, context)) return;
    // The line around this one, where a getter, `toJSON` or serializer of its fields logs.
    const outer = { ...pending };
    pending.name = named ? first : undefined;
    pending.recorded = fate === "record";
    pending.context = context;
    try {
      const call = method as (this: unknown, ...args: unknown[]) => void;
      // Behind a text without a place for it, pino would drop the object.
      if (named || (textAndFields && !first.includes("%"))) call.call(this, second, first);
      else call.apply(this, args);
    } catch (error) {
      // pino reads properties of what it is given (`method`, `err.message`), and a getter may throw.
      reportFault("WHODUNIT_LOG_PINO", error);
      core.write(
        number < ERROR_FROM ? "debug" : "error",
        scope.event(UNNAMED),
        (this as Instance)[BINDINGS],
        {},
        context,
      );
    } finally {
      Object.assign(pending, outer);
    }
  };
}

/** The line in place of pino's own: what `pino.symbols.asJsonSym` stands for. */
export function asJson(
  core: LogCore,
  pending: PendingLine,
): (this: Instance, object: object, message: unknown, number: number) => string {
  return function (this: Instance, object: object, message: unknown, number: number): string {
    const scope = this[SCOPE];
    const { name } = pending;
    pending.name = undefined;
    pending.level = number < ERROR_FROM ? "debug" : "error";
    // A child's `msgPrefix` stands before the name.
    pending.event = scope.event(name === undefined ? UNNAMED : prefixed(message, name, scope));
    const fields = serialized(this[serializersSym] as Serializers, object);
    const { recorded } = pending;
    const unnamed = name === undefined && message !== undefined;
    const extras = unnamed ? { recorded, text: String(message) } : { recorded };
    return core.render(pending.level, pending.event, this[BINDINGS], fields, pending.context, extras);
  };
}

function prefixed(message: unknown, name: string, scope: Scope): string {
  return typeof message === "string" && isName(`${scope.name}-${message}`) ? message : name;
}

/** `object` with the serializers of its keys applied, as pino does; a copy only where there is one to apply. */
export function serialized(serializers: Serializers, object: object): object {
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
