import type { Attributes } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace";
import { reportFault } from "@whodunit/core";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import type { Decision, Question, Sampling } from "./sampler.ts";

// SamplingDecision of @opentelemetry/sdk-trace, which is not loaded for it.
const RECORD = 1;
const RECORD_AND_SAMPLED = 2;

const NOT_RECORDED: Decision = { sampled: false, recorded: false };

/** The sampling of a process, with the sampler of the service's own where there is one. */
export function samplingBy(
  { sampling, sampler }: { readonly sampling: Sampling; readonly sampler: Sampler | undefined },
  redactor: SerialiserRedactor,
): Sampling {
  return sampler === undefined ? sampling : { ...sampling, decide: decideBy(sampler, redactor) };
}

/** Asks one of OpenTelemetry's own samplers. It sees names and attributes redacted; one that throws samples nothing. */
function decideBy(sampler: Sampler, redactor: SerialiserRedactor): (question: Question) => Decision {
  return ({ context, traceId, name, kind, attributes = {}, links = [] }) => {
    try {
      const clean = redactor.redactValue(attributes) as Attributes;
      const result = sampler.shouldSample(context, traceId, redactor.redactText(name), kind, clean, links);
      const sampled = result.decision === RECORD_AND_SAMPLED;
      return {
        sampled,
        recorded: sampled || result.decision === RECORD,
        attributes: result.attributes,
        traceState: result.traceState,
      };
    } catch (error) {
      reportFault("WHODUNIT_SAMPLER", error);
      return NOT_RECORDED;
    }
  };
}
