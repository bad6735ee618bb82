import { EventEmitter } from "node:events";
import {
  type Context,
  type ContextManager,
  context,
  createContextKey,
  ROOT_CONTEXT,
} from "@opentelemetry/api";
import { currentFrame, runWithOtel } from "@whodunit/core";

const PROBE = createContextKey("whodunit.context-probe");
const ADDING = ["on", "addListener", "once", "prependListener", "prependOnceListener"] as const;
const REMOVING = ["off", "removeListener"] as const;

type Listener = (this: unknown, ...args: unknown[]) => void;
type Patched = Record<string, (event: string | symbol, listener: Listener) => unknown>;

/** OpenTelemetry's context manager over the process's one frame, which the log context and the request share. */
export class FrameContextManager implements ContextManager {
  readonly #bound = new WeakSet<EventEmitter>();

  active(): Context {
    return (currentFrame()?.otel as Context | undefined) ?? ROOT_CONTEXT;
  }

  with<Arguments extends unknown[], Work extends (...args: Arguments) => ReturnType<Work>>(
    context: Context,
    work: Work,
    thisArg?: ThisParameterType<Work>,
    ...args: Arguments
  ): ReturnType<Work> {
    return runWithOtel(context, thisArg === undefined ? work : work.bind(thisArg), ...args);
  }

  /** A function that runs in `context`, or an emitter whose listeners do that are added from now on. */
  bind<Target>(context: Context, target: Target): Target {
    if (target instanceof EventEmitter) return this.#bindEmitter(context, target);
    return typeof target === "function" ? (this.#bindFunction(context, target as never) as Target) : target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }

  #bindFunction(context: Context, target: Listener): Listener {
    const bound = function (this: unknown, ...args: unknown[]) {
      return runWithOtel(context, () => target.apply(this, args));
    };
    // Express and others tell what a function is for by the number of its parameters.
    Object.defineProperty(bound, "length", { configurable: true, value: target.length });
    return bound;
  }

  #bindEmitter<Target extends EventEmitter>(context: Context, emitter: Target): Target {
    if (this.#bound.has(emitter)) return emitter;
    this.#bound.add(emitter);
    const bound = new WeakMap<Listener, Listener>();
    const own = emitter as unknown as Patched;
    for (const name of ADDING) {
      const add = own[name] as Patched[string];
      own[name] = (event, listener) => {
        // `once` adds a wrapper of its own by `on`: what it wraps is bound already.
        if (typeof listener !== "function" || "listener" in listener)
          return add.call(emitter, event, listener);
        const inContext = bound.get(listener) ?? this.#bindFunction(context, listener);
        bound.set(listener, inContext);
        return add.call(emitter, event, inContext);
      };
    }
    for (const name of REMOVING) {
      const remove = own[name] as Patched[string];
      own[name] = (event, listener) => remove.call(emitter, event, bound.get(listener) ?? listener);
    }
    return emitter;
  }
}

/** Whether OpenTelemetry's active context is kept in the frame, and not by a context manager of somebody else's. */
export function isContextInFrame(): boolean {
  const probe = ROOT_CONTEXT.setValue(PROBE, true);
  return context.with(probe, () => currentFrame()?.otel === probe);
}
