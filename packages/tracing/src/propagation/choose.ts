import type { TextMapPropagator } from "@opentelemetry/api";
import { settingError } from "../environment.ts";
import { B3Propagator } from "./b3.ts";
import { BaggagePropagator } from "./baggage.ts";
import { JaegerPropagator } from "./jaeger.ts";
import { W3CPropagator } from "./w3c.ts";

const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CPropagator(),
  baggage: () => new BaggagePropagator(),
  b3: () => new B3Propagator("single"),
  b3multi: () => new B3Propagator("multi"),
  jaeger: () => new JaegerPropagator(),
};

/**
 * The propagators that OTEL_PROPAGATORS names, in its order: of several that find a trace the last wins.
 *
 * @throws TypeError when it names one that is not there
 */
export function propagatorsOf(env: NodeJS.ProcessEnv): readonly TextMapPropagator[] {
  const names = (env.OTEL_PROPAGATORS?.trim() || "tracecontext,baggage")
    .split(",")
    .map((name) => name.trim());
  if (names.includes("none")) return [];
  return [...new Set(names)].map((name) => {
    const make = Object.hasOwn(PROPAGATORS, name) ? PROPAGATORS[name] : undefined;
    if (make !== undefined) return make();
    const known = [...Object.keys(PROPAGATORS), "none"].join(", ");
    throw settingError("OTEL_PROPAGATORS", env.OTEL_PROPAGATORS, `a list of ${known}`);
  });
}
