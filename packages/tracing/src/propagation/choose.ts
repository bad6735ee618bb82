import type { TextMapPropagator } from "@opentelemetry/api";
import { listSetting } from "../running/settings.ts";
import { B3Propagator } from "./b3.ts";
import { BaggagePropagator } from "./baggage.ts";
import { JaegerPropagator } from "./jaeger.ts";
import { W3CPropagator } from "./w3c.ts";

const PROPAGATORS = {
  tracecontext: () => new W3CPropagator(),
  baggage: () => new BaggagePropagator(),
  b3: () => new B3Propagator("single"),
  b3multi: () => new B3Propagator("multi"),
  jaeger: () => new JaegerPropagator(),
} as const satisfies Readonly<Record<string, () => TextMapPropagator>>;

/**
 * The propagators that OTEL_PROPAGATORS names, in its order: of several that find a trace the last wins.
 *
 * @throws TypeError when it names one that is not there
 */
export function propagatorsOf(env: NodeJS.ProcessEnv): readonly TextMapPropagator[] {
  const words = [...(Object.keys(PROPAGATORS) as (keyof typeof PROPAGATORS)[]), "none" as const];
  const names = listSetting("OTEL_PROPAGATORS", env.OTEL_PROPAGATORS, words) ?? ["tracecontext", "baggage"];
  return names.includes("none") ? [] : names.flatMap((name) => (name === "none" ? [] : PROPAGATORS[name]()));
}
