import { resolveHost } from "../sources/live/resolve-host.ts";
import { reachedIn } from "../sources/reached.ts";
import { askSource, type SourceOptions } from "../sources/source.ts";
import type { Span } from "../view/span.ts";
import { examine, type Findings } from "./examine.ts";
import { findTrace } from "./find-trace.ts";
import { healthEvidence } from "./health-evidence.ts";
import { leadsOf } from "./leads.ts";
import { type CulpritProfile, profileFrom } from "./profile-from.ts";
import { findTraceLines, type TraceLine } from "./trace-lines.ts";

/** How to investigate. */
export interface InvestigateOptions extends SourceOptions {
  /** A running `whodunit view`, asked for the failing trace; `token` opens it. @default `receiver`'s, else "http://127.0.0.1:4318" */
  readonly view?: string;
  /** Log files to look for the failing trace's lines in; without any the view is asked. @default [] */
  readonly logs?: readonly string[];
  /** Whether to take a CPU profile from a culprit whose event loop is the cause; no store can. @default false */
  readonly profile?: boolean;
}

/** What the investigation came to. */
export interface Verdict extends Findings {
  /** Where each service answered, by its name. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** The moment that a store was asked about, ISO 8601; null where services told of now. */
  readonly at: string | null;
  /** Given addresses that gave no traffic. */
  readonly unreached: readonly string[];
  /** What health checks say of the worst culprit, in words. */
  readonly health: readonly string[];
  /** A failed request of the worst culprit, where `view` holds it. */
  readonly trace: { readonly traceId: string; readonly spans: readonly Span[] } | null;
  /** That request's log lines, where files or `view` hold them, earliest first. */
  readonly lines: readonly TraceLine[];
  /** A CPU profile of the culprit's process, where one was asked for and its event loop is the cause. */
  readonly profile: CulpritProfile | null;
}

const VIEW = "http://127.0.0.1:4318";

/** Asks the services at `urls`, and those they call, or a store, or a view, and works out who is at fault. */
export async function investigate(
  urls: readonly string[],
  options: InvestigateOptions = {},
): Promise<Verdict> {
  const windowS = options.windowS ?? 60;
  const source = await askSource(urls, options, "verdict", resolveHost, {
    leads: leadsOf,
    isEnough: (soFar) => examine(soFar, windowS).culprits.length > 0,
  });
  const { survey: asked, at, healthOf } = source;
  const findings = examine(asked, windowS);
  const worst = findings.culprits[0];
  const given = options.view ?? options.receiver?.url;
  const view = given ?? VIEW;
  // What merely listens where a view is looked for gets no token.
  const token = given === undefined ? undefined : options.token;
  const [trace, health, profile] =
    worst === undefined
      ? [null, [], null]
      : await Promise.all([
          findTrace(view, worst, token),
          healthOf === undefined ? healthEvidence(asked, worst) : healthOf(worst.service),
          options.profile === true && urls.length > 0 ? profileFrom(urls, worst, options) : null,
        ]);
  const traceIds = [...(trace === null ? [] : [trace.traceId]), ...(worst?.traceIds ?? [])];
  const lines = await findTraceLines({ files: options.logs ?? [], view, token }, [...new Set(traceIds)]);
  const { addresses, unreached } = reachedIn(asked);
  return {
    ...findings,
    at: at?.toISOString() ?? null,
    missing: typeof profile === "string" ? [...findings.missing, profile] : findings.missing,
    profile: typeof profile === "string" ? null : profile,
    lines,
    addresses,
    unreached: unreached.map(({ address }) => address),
    health,
    trace,
  };
}
