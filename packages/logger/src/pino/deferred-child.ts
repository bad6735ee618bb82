import { symbols } from "pino";
import { BINDINGS, type Instance } from "./pino-line.ts";
import type { PinoLogger } from "./pino-logger.ts";

const { chindingsSym } = symbols;
const OWN = Symbol("whodunit.deferred");

interface Deferred extends Instance {
  [OWN]?: object;
}

/** By parent and by level of its own, "" for none: what its deferred children inherit from. */
const prototypes = new WeakMap<Instance, Map<string, object>>();

/**
 * A child with these bindings that becomes one when somebody logs through it: each request gets a child, and most never
 * use it. Where there is more to it than bindings and a level, or `onChild` is told of children, it is a child like any
 * other.
 */
export function deferredChild(parent: PinoLogger, bindings: object, options: object): PinoLogger {
  const instance = parent as unknown as Instance;
  const level = levelAlone(parent, options);
  if (instance[BINDINGS] === undefined || level === undefined || isTold(parent)) {
    return parent.child(bindings, options);
  }
  const made = Object.create(prototypeOf(parent, instance, level)) as Deferred;
  made[OWN] = bindings;
  return made as unknown as PinoLogger;
}

/** The level that the options set, "" where they set nothing at all; undefined where they set anything else. */
function levelAlone(parent: PinoLogger, options: { readonly level?: unknown }): string | undefined {
  for (const key in options) if (key !== "level") return undefined;
  const { level } = options;
  if (level === undefined) return "";
  return typeof level === "string" && parent.levels.values[level] !== undefined ? level : undefined;
}

function prototypeOf(parent: PinoLogger, instance: Instance, level: string): object {
  const known = prototypes.get(instance)?.get(level);
  if (known !== undefined) return known;
  const options = level === "" ? undefined : { level };
  const inherited = options === undefined ? instance : (parent.child({}, options) as unknown as Instance);
  const made = Object.create(inherited, propertiesOf(instance)) as object;
  const own = prototypes.get(instance) ?? new Map<string, object>();
  prototypes.set(instance, own.set(level, made));
  return made;
}

// pino's own `onChild` does nothing, and has no parameter.
const isTold = ({ onChild }: PinoLogger): boolean => onChild.length > 0 || onChild.name !== "noop";

// What tells a child from its parent, made when it is first asked for.
const propertiesOf = (parent: Instance): PropertyDescriptorMap => ({
  [BINDINGS]: lazily(parent, BINDINGS),
  [chindingsSym]: lazily(parent, chindingsSym),
});

function lazily(parent: Instance, key: symbol): PropertyDescriptor & ThisType<Deferred> {
  return {
    get() {
      const whole = parent.child(this[OWN] ?? {});
      for (const each of [BINDINGS, chindingsSym]) setOwn(this, each, whole[each]);
      return whole[key];
    },
    set(value: unknown) {
      setOwn(this, key, value);
    },
  };
}

function setOwn(object: object, key: symbol, value: unknown): void {
  Object.defineProperty(object, key, { configurable: true, enumerable: true, writable: true, value });
}
