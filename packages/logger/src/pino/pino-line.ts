import { isNativeError } from "node:util/types";
import { reportFault } from "@whodunit/core";
import { type ChildLoggerOptions, stdSerializers, symbols } from "pino";
import { type Context, currentContext } from "../context.ts";
import type { Scope } from "../gates/scope.ts";
import type { EventName } from "../line/event-name.ts";
import { handedOver, isPlain, withOwnText } from "../line/handed-over.ts";
import type { Level } from "../line/level.ts";
import type { SharedFields } from "../line/shared-fields.ts";
import type { LogCore } from "../log-core.ts";

const { asJsonSym, formattersSym, mixinSym, serializersSym } = symbols;
/** Where a pino instance keeps the scope of its lines, and that of its children. */
export const SCOPE: unique symbol = Symbol("whodunit.scope");
/** Where it keeps the fields that are on all its lines. */
export const BINDINGS: unique symbol = Symbol("whodunit.bindings");
/** Where a pino instance keeps pino's number of its own level, if somebody set one: what is not below it is written. */
export const OWN_LEVEL: unique symbol = Symbol("whodunit.level");
/** Where it keeps what hides values by the paths of its `redact`. */
export const HIDE: unique symbol = Symbol("whodunit.hide");

type Serializers = Record<string, ((value: unknown) => unknown) | undefined>;

/** pino's own type says any. */
type Formatter = (fields: Record<string, unknown>) => object;

/** A pino instance as its own files see it (pino 10, lib/proto.js), with what we add. */
export interface Instance {
  [SCOPE]: Scope;
  [BINDINGS]: SharedFields;
  [OWN_LEVEL]: number | undefined;
  [HIDE]: ((value: unknown) => unknown) | undefined;
  [key: symbol]: unknown;
  level: string;
  child(bindings: object, options?: ChildLoggerOptions | null): Instance;
  setBindings(bindings: object): void;
  bindings(): object;
  flush(done?: (error?: Error) => void): void;
  trace(...given: unknown[]): void;
  debug(...given: unknown[]): void;
  info(...given: unknown[]): void;
  warn(...given: unknown[]): void;
  error(...given: unknown[]): void;
  fatal(...given: unknown[]): void;
  isLevelEnabled(level: string): boolean;
}

/** The line that pino is writing: set before pino sees it, read when it asks for the text. */
export interface PendingLine {
  /** Its own part of the name, if it has one. */
  name: string | undefined;
  /** What a named line has as text. */
  text: string | undefined;
  recorded: boolean;
  level: Level;
  /** pino's number of its level. */
  number: number;
  event: EventName;
  context: Context | undefined;
}

/** pino's own `write`, but that no stream is shown the caller's object. */
export function write(
  core: LogCore,
  pending: PendingLine,
): (this: Instance, given: object | null, message: unknown, number: number) => void {
  return function (this: Instance, given: object | null, message: unknown, number: number): void {
    const mixin = this[mixinSym] as ((fields: object, number: number, log: object) => object) | undefined;
    const own = given ?? {};
    const fields = mixin === undefined ? own : { ...mixin(own, number, this), ...own };
    const line = (this[asJsonSym] as ReturnType<typeof asJson>).call(this, fields, message, number);
    if (pending.recorded) core.record(line, pending.event, pending.context);
    else core.deliver(line, pending.level, pending.event, pending.context, pending.number);
  };
}

/** The instance that a method was called on, or `otherwise` where it was handed on without one: as a callback, or as a listener. */
export const instanceOf = (caller: unknown, otherwise: Instance): Instance =>
  (caller as Partial<Instance> | null | undefined)?.[SCOPE] === undefined ? otherwise : (caller as Instance);

/** pino's `hooks.logMethod`: the threshold, and what of the arguments is name, text and fields. */
export function logMethod(
  core: LogCore,
  pending: PendingLine,
  baseOf: () => Instance,
): (this: unknown, args: unknown[], method: (...args: never[]) => void, number: number) => void {
  return function (this: unknown, args: unknown[], method: (...args: never[]) => void, number: number): void {
    const instance = instanceOf(this, baseOf());
    const scope = instance[SCOPE];
    const [first, second] = args;
    const named = typeof first === "string" && isFields(second) ? scope.event(first) : undefined;
    const event = named ?? scope.unnamed;
    const level = number < core.pinoErrorFrom ? "debug" : "error";
    const context = currentContext();
    // What is below a level of its own, pino leaves out.
    const written = level === "error" || instance[OWN_LEVEL] !== undefined;
    const fate = written ? "write" : core.gates.fate(scope, event, context, number);
    if (fate === "drop") return;
    const hide = instance[HIDE];
    const valueText = (value: unknown) => core.valueText(hide === undefined ? value : hide(value));
    const { text, fields } =
      named === undefined ? withOwnText(handedOver(args, valueText)) : handedOver(args.slice(1), valueText);
    const unnamedText = named === undefined ? (text ?? "") : undefined;
    if (level === "error" && !core.gates.admitsError(event, fields, context, unnamedText)) return;
    // The line around this one, where a getter, `toJSON` or serializer of its fields logs.
    const outer = { ...pending };
    pending.name = named === undefined ? undefined : (first as string);
    pending.text = text;
    pending.recorded = fate === "record";
    pending.number = number;
    pending.context = context;
    try {
      const call = method as (this: unknown, fields: object, message: unknown) => void;
      call.call(instance, fields ?? {}, named === undefined ? text : first);
    } catch (error) {
      // pino reads properties of what it is given (`method`, `socket`), and a getter may throw.
      reportFault("WHODUNIT_LOG_PINO", error);
      const extras = text === undefined ? undefined : { text };
      core.write(
        level,
        event,
        instance[BINDINGS],
        hide === undefined ? fields : hide(fields),
        context,
        extras,
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
    const { name, recorded } = pending;
    const text = name === undefined ? message : pending.text;
    pending.name = undefined;
    pending.level = number < core.pinoErrorFrom ? "debug" : "error";
    // A child's `msgPrefix` stands before the name.
    const event = typeof message === "string" && name !== undefined ? scope.event(message) : undefined;
    pending.event = event ?? (name === undefined ? scope.unnamed : scope.ownEvent(name));
    const { log } = this[formattersSym] as { readonly log?: Formatter };
    const fields = shownFields(this, object, log);
    const extras = text === undefined ? { recorded } : { recorded, text: String(text) };
    return core.render(pending.level, pending.event, this[BINDINGS], fields, pending.context, extras);
  };
}

/** What a pino instance makes of fields before they are written: its serializers, then `formatter`, then its `redact`. */
export function shownFields(instance: Instance, object: object, formatter: Formatter | undefined): object {
  let fields = serialized(instance[serializersSym] as Serializers, object);
  if (formatter !== undefined) fields = formattedBy(formatter, fields);
  const hide = instance[HIDE];
  if (hide === undefined) return fields;
  const hidden = hide(fields);
  return typeof hidden === "object" && hidden !== null ? hidden : { value: hidden };
}

function formattedBy(format: Formatter, fields: object): object {
  try {
    const formatted: unknown = format(fields as Record<string, unknown>);
    return typeof formatted === "object" && formatted !== null ? formatted : fields;
  } catch (error) {
    reportFault("WHODUNIT_LOG_SERIALIZER", error, "formatters");
    return fields;
  }
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

// What may stand behind a name: fields, or the error that is one.
function isFields(value: unknown): boolean {
  return typeof value === "object" && value !== null && (isNativeError(value) || isPlain(value));
}
