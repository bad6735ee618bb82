import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";

/** Several propagators in turn; one that throws does not keep the others from their work. */
export class CompositePropagator implements TextMapPropagator {
  readonly #propagators: readonly TextMapPropagator[];

  constructor(propagators: readonly TextMapPropagator[]) {
    this.#propagators = propagators;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    for (const one of this.#propagators) {
      try {
        one.inject(context, carrier, setter);
      } catch (error) {
        reportFault("WHODUNIT_PROPAGATOR", error);
      }
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    let found = context;
    for (const one of this.#propagators) {
      try {
        found = one.extract(found, carrier, getter);
      } catch (error) {
        reportFault("WHODUNIT_PROPAGATOR", error);
      }
    }
    return found;
  }

  fields(): string[] {
    return [...new Set(this.#propagators.flatMap((one) => one.fields()))];
  }
}
