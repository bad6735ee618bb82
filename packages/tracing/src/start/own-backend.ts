import { context, propagation, type TextMapPropagator, type TracerProvider, trace } from "@opentelemetry/api";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { FrameContextManager } from "../context/frame-context.ts";
import { waitAtMost } from "../export/wait.ts";
import { CompositePropagator } from "../propagation/composite.ts";
import { spanLimits } from "../provider/limits.ts";
import { LeanTracerProvider } from "../provider/provider.ts";
import { samplingBy } from "../provider/standard-sampler.ts";
import { SystemClock } from "../running/system-clock.ts";
import { registerProvider } from "./api-copies.ts";
import type { Backend } from "./backend.ts";
import { destinationOf, processorsOf } from "./destinations.ts";
import { nodeSdkOf, type RunningNodeSdk } from "./node-sdk.ts";
import type { ResolvedOptions } from "./options.ts";
import { resourceAttributesOf } from "./resource.ts";

/**
 * Registers our context, propagation and spans with OpenTelemetry's API, and NodeSDK's metrics, logs and
 * instrumentations where they are asked for.
 *
 * @throws TypeError when a variable cannot be honoured
 */
export function startOwnBackend(
  options: ResolvedOptions,
  redactor: SerialiserRedactor,
  env: NodeJS.ProcessEnv,
): Backend {
  const limits = spanLimits(env);
  const resource = resourceAttributesOf(options);
  const startNodeSdk = nodeSdkOf(options, env);
  const sending = { redactor, limits, resource };
  const destination = destinationOf(options, sending, env);
  const processors = processorsOf(options, sending);
  const sampling = samplingBy(options, redactor);
  const clock = new SystemClock();
  const provider = new LeanTracerProvider({ sink: destination, sampling, limits, clock, processors });
  const unregister = register(provider, new CompositePropagator(options.propagators));
  let sdk: RunningNodeSdk | undefined;
  try {
    // In the call: a counter that is made before there is a meter counts nothing for good.
    sdk = startNodeSdk?.(resource);
  } catch (error) {
    unregister();
    throw error;
  }
  return {
    async flush(timeoutMs) {
      await Promise.all([destination.flush(timeoutMs), waitAtMost(timeoutMs, processors?.flush())]);
    },
    unregister() {
      unregister();
      sdk?.unregister();
    },
    async close(timeoutMs, hurry) {
      const others = [sdk?.close(timeoutMs), waitAtMost(timeoutMs, processors?.close())];
      await destination.close(timeoutMs, hurry);
      await Promise.all(others);
    },
    accounts: () => destination.accounts(),
  };
}

/** Registers what is ours with OpenTelemetry's API. Returns what takes back as much of it as was taken. */
function register(provider: TracerProvider, propagator: TextMapPropagator): () => void {
  const registered = [
    context.setGlobalContextManager(new FrameContextManager()) && context,
    propagation.setGlobalPropagator(propagator) && propagation,
    registerProvider(provider) && trace,
  ];
  return () => {
    for (const api of registered) if (api !== false) api.disable();
  };
}
