import type { TrafficDocument } from "../sources/live/traffic-document.ts";
import { bad, type Finding, good } from "./finding.ts";

// The reasons of @whodunit/tracing, with what is to be done about each.
const FIXES: Readonly<Record<string, string>> = {
  unreachable:
    "OTEL_EXPORTER_OTLP_ENDPOINT=http://<receiver>:4318 of one that runs, as the service's machine reaches it",
  rejected:
    "OTEL_EXPORTER_OTLP_HEADERS with what the receiver wants, and OTEL_EXPORTER_OTLP_ENDPOINT of its OTLP/HTTP port",
  "queue-full":
    "OTEL_TRACES_SAMPLER=parentbased_traceidratio and OTEL_TRACES_SAMPLER_ARG=0.1, or a receiver that is nearer",
  "too-large": "shorter attributes: withSpan's tags hold whole bodies or documents",
  failed: "the exporter given to startTracing({ exporters }): it says that it failed",
};
const ELSE = "the service's log: its line spans_dropped has the reasons";

// Fewer may be lost while a receiver is started anew.
const MIN_LOST_SHARE = 0.01;

/** Whether a receiver takes the spans; nothing where the service does not tell, or none has ended. */
export function exporter({ spans }: TrafficDocument): Finding[] {
  if (spans === null || spans.ended === 0) return [];
  const { ended, exported, unsampled, pending, dropped } = spans;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const [reason = ""] = Object.entries(dropped).sort(([, a], [, b]) => b - a)[0] ?? [];
  if (lost > 0 && lost >= ended * MIN_LOST_SHARE) {
    const says = `${lost} of ${ended} spans were dropped, most as ${reason}; ${exported} were accepted`;
    return [bad("exporter", says, FIXES[reason] ?? ELSE)];
  }
  if (exported > 0) return [good("exporter", `the receiver accepted ${exported} of ${ended} spans`)];
  if (pending > 0) {
    const says = `${pending} of ${ended} spans wait, and none was accepted yet`;
    return [bad("exporter", says, `ask again in ten seconds; where it stays so, ${FIXES.unreachable}`)];
  }
  return [
    bad(
      "exporter",
      `none of ${unsampled} spans was sampled or had an exporter`,
      "OTEL_TRACES_EXPORTER=otlp, and OTEL_TRACES_SAMPLER_ARG above 0",
    ),
  ];
}
