import { symbols } from "pino";
import { BINDINGS, type Instance } from "./pino-line.ts";
import type { PinoLogger } from "./pino-logger.ts";

const { chindingsSym } = symbols;
const OWN = Symbol("whodunit.deferred");

interface Deferred extends Instance {
  [OWN]?: object;
}

/** By parent: what its deferred children inherit from. */
const prototypes = new WeakMap<Instance, object>();

/**
 * A child with these bindings that becomes one when somebody logs through it: each request gets a child, and most never
 * use it. Where there is more to it than bindings, or `onChild` is told of children, it is a child like any other.
 */
export function deferredChild(parent: PinoLogger, bindings: object, options: object): PinoLogger {
  const instance = parent as unknown as Instance;
  if (instance[BINDINGS] === undefined || isTold(parent) || Object.keys(options).length > 0) {
    return parent.child(bindings, options);
  }
  let prototype = prototypes.get(instance);
  if (prototype === undefined) {
    prototype = Object.create(instance, propertiesOf(instance)) as object;
    prototypes.set(instance, prototype);
  }
  const made = Object.create(prototype) as Deferred;
  made[OWN] = bindings;
  return made as unknown as PinoLogger;
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
