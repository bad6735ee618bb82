import type { Evidence, Source } from "../investigate/evidence.ts";
import { investigate, type Verdict } from "../investigate/investigate.ts";
import type { Share } from "../investigate/suspect.ts";
import { count as counted } from "../investigate/verdict-text.ts";
import { addressesOf } from "../sources/reached.ts";
import { percent } from "../stat/stat-text.ts";
import { failure } from "../view/waterfall.ts";
import type { Claim, Found } from "./answer.ts";
import { type Counting, countingOf, type Given } from "./given.ts";
import { countsAt, healthAt, moment, traceAt } from "./places.ts";
import { joined, plain, type Said, say } from "./say.ts";

const MAX_NAMES = 3;

/** Who is murdering requests, and what that stands on. */
export async function findCulprit(
  given: Given,
  { windowS, at }: { readonly windowS: number; readonly at?: string | undefined },
): Promise<Found> {
  const { token, follow, view, logs } = given;
  const counting = countingOf(given, at);
  const verdict = await investigate(counting.urls, {
    ...{ windowS, store: counting.store, receiver: counting.receiver },
    token,
    follow,
    view,
    logs,
    discover: "followed",
  });
  if (verdict.services.length === 0)
    throw new Error(`no service answered: ${verdict.missing.join("; ") || verdict.unreached.join(", ")}`);
  return {
    answer: headline(verdict),
    facts: factsOf(verdict),
    claims: [
      ...accusations(verdict, counting, view),
      ...seenOfRequests(verdict, view),
      ...remarks(verdict, counting),
    ],
    narrower: "Ask stat, lines and traces about the service that is named.",
  };
}

function factsOf({
  verdict,
  culprits: [worst],
  windowS,
  requests,
  trace,
}: Verdict): NonNullable<Found["facts"]> {
  if (worst === undefined) return { verdict: plain(verdict), windowS, requests };
  const { service, routes, fault, count, failures, since, confidence, traceIds } = worst;
  const traceId = trace?.traceId ?? traceIds[0];
  return {
    verdict: plain(verdict),
    windowS,
    service: say`${service}`,
    route: routes[0] === undefined ? null : say`${routes[0].name}`,
    fault: plain(fault),
    requests: count,
    failures,
    since: since === null ? null : say`${since}`,
    confidence: plain(confidence),
    traceId: traceId === undefined ? null : say`${traceId}`,
  };
}

function headline({ verdict, culprits, windowS, requests, services }: Verdict): Said {
  const [worst, ...others] = culprits;
  const seen = plain(
    `${counted(requests, "request")} of ${counted(services.length, "service")} in ${windowS} s`,
  );
  if (verdict === "nothing" || worst === undefined) return say`Nothing out of the ordinary: ${seen}.`;
  const { service, fault, routes, since, error, callers, path, confidence } = worst;
  const who =
    verdict === "culprit"
      ? say`The culprit is ${service}, with ${plain(confidence)} confidence`
      : say`Cannot tell who is at fault: it is ${service} or somebody behind it`;
  const facts = [
    say`Fault: ${plain(fault)}, ${ratio(worst)} in ${windowS} s`,
    ...(routes.length === 0 ? [] : [say`route ${namesOf(routes)}`]),
    ...(error === "" ? [] : [say`error ${error}`]),
    ...(since === null ? [] : [say`since ${since}`]),
    ...(callers.length === 0 ? [] : [say`suffering ${namesOf(callers)}`]),
    say`on the way ${path.join(" → ")}`,
    ...(others.length === 0 ? [] : [say`${others.length} more are accused`]),
  ];
  return say`${who}. ${joined(facts, "; ")}.`;
}

const namesOf = (shares: readonly Share[]): Said =>
  joined(
    shares.slice(0, MAX_NAMES).map(({ name }) => say`${name}`),
    ", ",
  );

function ratio({ count, failures }: Pick<Share, "count" | "failures">): Said {
  if (failures === 0) return plain(counted(count, "request"));
  return plain(
    `${failures} of ${counted(count, "request")} fail (${percent(failures / Math.max(1, count))})`,
  );
}

function accusations(
  { culprits, health, addresses, trace }: Verdict,
  counting: Counting,
  view: string,
): Claim[] {
  const claims = culprits.flatMap(({ evidence }) =>
    evidence.map(
      ({ claim, source }: Evidence): Claim => ({
        claim: say`${claim}`,
        source: sourceOf(source, { addresses, counting, held: trace?.traceId, view }),
      }),
    ),
  );
  const asked = culprits[0]?.service ?? null;
  return [
    ...claims,
    ...health.map((said) => ({
      claim: say`${said}`,
      source: healthAt(counting, asked),
    })),
  ];
}

interface Looked {
  readonly addresses: Verdict["addresses"];
  readonly counting: Counting;
  readonly held: string | undefined;
  readonly view: string;
}

function sourceOf(source: Source, { addresses, counting, held, view }: Looked): Said {
  // Others are known from /debug/traffic alone: where nobody keeps traces there is none to look at.
  if (source.kind === "trace")
    return source.traceId === held ? traceAt(view, source.traceId) : say`trace ${source.traceId}`;
  if (source.kind === "change") return say`changes of ${source.instance}, ${source.at}`;
  const { service, windowS } = source;
  const place = countsAt(counting, addressesOf(addresses, service));
  if (source.kind === "attributes") return say`attributes of ${service}, ${windowS} s, ${place}`;
  if (source.kind === "resources") return say`resources of ${service}, ${windowS} s, at ${source.instance}`;
  const { side, peer, route } = source;
  return say`${plain(side)} series of ${service}, peer ${peer}, route ${route}, ${windowS} s, ${place}`;
}

/** What a failed request itself left behind: its spans and lines. */
function seenOfRequests({ trace, lines }: Verdict, view: string): Claim[] {
  const spans = (trace?.spans ?? []).filter(({ error }) => error);
  return [
    ...spans.map((span) => ({
      claim: say`${span.name} of ${span.service} failed: ${failure(span)}`,
      source: traceAt(view, trace!.traceId),
    })),
    ...lines.map(({ timeMs, service, level, text, traceId, fields }) => ({
      claim: say`${level} line of ${service}: ${text} ${JSON.stringify(fields)}`,
      source: say`line of ${moment(timeMs)}, trace ${traceId}`,
    })),
  ];
}

function remarks(
  { blastRadius, asBefore, alwaysSlow, tooFew, missing, addresses, windowS }: Verdict,
  counting: Counting,
): Claim[] {
  const remark =
    (said: string) =>
    (one: Verdict["asBefore"][number]): Claim => ({
      claim: say`${one.service}: ${plain(one.fault)}, ${ratio(one)}, ${plain(said)}, and so not accused`,
      source: say`server series of ${one.service}, ${windowS} s, ${countsAt(counting, addressesOf(addresses, one.service))}`,
    });
  return [
    ...blastRadius.map((share) => ({
      claim: say`seen from outside: ${share.name}, ${ratio(share)}`,
      source: say`server series of entry services, ${windowS} s`,
    })),
    ...asBefore.map(remark("as ever")),
    ...alwaysSlow.map(remark("slow as ever")),
    ...tooFew.map(remark("of too few requests")),
    ...missing.map((what) => ({ claim: say`not seen: ${what}`, source: say`what was asked` })),
  ];
}
