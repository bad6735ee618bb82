import { peerKey, serviceKey } from "../sources/live/address.ts";
import { hintFor } from "../sources/live/ask.ts";
import type { Series, TrafficDocument } from "../sources/live/traffic-document.ts";
import type { Asked } from "./ask-service.ts";
import { exporter } from "./exporter.ts";
import { bad, type Finding, good } from "./finding.ts";

/** All findings of one service. */
export interface Examined {
  readonly url: string;
  /** By its own word; null where it said none. */
  readonly service: string | null;
  readonly findings: readonly Finding[];
}

const WINDOW_S = 600;
// Asking takes its time, too.
const CLOCKS_APART_MS = 5_000;
const WELL: readonly string[] = ["OK", "DEGRADED", "STARTING"];

/** What is set up at each service and what is not, between them too. */
export function examine(asked: readonly Asked[], token: string | undefined): Examined[] {
  return asked.map((one) => ({
    url: one.url,
    service: one.traffic?.service ?? one.health?.service ?? null,
    findings: typeof one.refused === "string" && one.health === null ? [unreached(one.refused)] : all(one),
  }));

  function all(one: Asked): Finding[] {
    const { traffic } = one;
    return [
      ...access(one, token),
      ...(traffic === null
        ? noTraffic(one)
        : [counted(traffic), ...routes(traffic), version(traffic), clock(one), ...exporter(traffic)]),
      ...(traffic === null ? [] : callers(traffic, one, asked)),
      ...healthOf(one),
      ...levels(one),
    ];
  }
}

const unreached = (why: string): Finding =>
  bad("reached", why, "the service's own host and port, as this machine reaches it");

/** Who may read `/debug/*`. */
function access({ open, refused, levelRefused }: Asked, token: string | undefined): Finding[] {
  const shut = [refused, levelRefused].find((status) => status === 401);
  if (open.length > 0)
    return [
      bad(
        "access",
        `${open.join(" and ")} answer anybody`,
        "leave out the plugin's `authorize` that lets everybody in, and set WHODUNIT_TOKEN",
      ),
    ];
  if (shut !== undefined)
    return [
      bad(
        "access",
        `/debug/* answers 401${hintFor(401, { token })}`,
        "the same WHODUNIT_TOKEN for the service and this command",
      ),
    ];
  return [good("access", "/debug/* answers this command, and no stranger")];
}

function noTraffic({ refused }: Asked): Finding[] {
  if (refused === 401) return [];
  const says =
    typeof refused === "number" ? `/debug/traffic answers ${refused}` : `/debug/traffic ${refused}`;
  return [
    bad(
      "traffic",
      says,
      "app.register(tracingPlugin) or app.use(tracingMiddleware()), behind startTracing({ service }); in production WHODUNIT_TOKEN, too",
    ),
  ];
}

const ofServer = ({ series }: TrafficDocument): Series[] =>
  series.filter(({ side, windowS }) => side === "server" && windowS === WINDOW_S);

function counted(traffic: TrafficDocument): Finding {
  const own = ofServer(traffic);
  const count = own.reduce((sum, series) => sum + series.count, 0);
  const names = new Set(own.map(({ route }) => route)).size;
  return count === 0
    ? bad("traffic", "no request in ten minutes: nothing to judge by", "send it some, through its routes")
    : good("traffic", `${count} requests on ${names} ${names === 1 ? "route" : "routes"} in ten minutes`);
}

/** Requests are known by their route's pattern, not as `GET *`. */
function routes(traffic: TrafficDocument): Finding[] {
  const own = ofServer(traffic);
  const all = own.reduce((sum, { count }) => sum + count, 0);
  const unnamed = own
    .filter(({ route }) => /(?:^|\s)\*$/.test(route))
    .reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return [];
  if (unnamed * 2 <= all) return [good("routes", "requests are named by their route")];
  const says = `${unnamed} of ${all} requests have no route`;
  return [
    bad("routes", says, "setRoute(request, response, pattern) of @whodunit/tracing/node, from the router"),
  ];
}

function version({ service, version }: TrafficDocument): Finding {
  return version === null
    ? bad(
        "version",
        "no version: a verdict cannot say which one fails",
        `startTracing({ service: ${JSON.stringify(service)}, version }), or OTEL_RESOURCE_ATTRIBUTES=service.version=…`,
      )
    : good("version", version);
}

function clock({ traffic, askedAtMs }: Asked): Finding {
  const apartMs = Math.abs(askedAtMs - Date.parse(traffic!.now));
  const says = `${(apartMs / 1_000).toFixed(1)} s apart from this machine's`;
  return apartMs > CLOCKS_APART_MS
    ? bad("clock", says, "a time service (chrony, systemd-timesyncd) on both machines")
    : good("clock", says);
}

/** Whether those of the other services that call this one are known to it by name. */
function callers(traffic: TrafficDocument, { base }: Asked, asked: readonly Asked[]): Finding[] {
  const address = serviceKey(base);
  const known = new Set(
    ofServer(traffic)
      .filter(({ count, aborted }) => count + aborted > 0)
      .map(({ peer }) => peer),
  );
  return asked.flatMap(({ traffic: other }): Finding[] => {
    if (other === null || other.service === traffic.service) return [];
    const calls = other.series
      .filter(
        ({ side, windowS, peer }) => side === "client" && windowS === WINDOW_S && peerKey(peer) === address,
      )
      .reduce((sum, { count }) => sum + count, 0);
    if (calls === 0) return [];
    return known.has(other.service)
      ? [good("callers", `${other.service} is known by its name`)]
      : [
          bad(
            "callers",
            `${other.service} called ${calls} times and is not known by its name`,
            `startTracing({ propagateTo: ["${base.hostname}"] }) at ${other.service}; a proxy in between must leave the header tracestate`,
          ),
        ];
  });
}

function healthOf({ health, refused }: Asked): Finding[] {
  if (health === null) {
    const says = "/health/status does not answer with a service's health";
    return typeof refused === "string"
      ? []
      : [
          bad(
            "health",
            says,
            "app.register(healthPlugin, { health }) or app.use(healthRouter({ health })), of createHealth({ service, probes })",
          ),
        ];
  }
  const { checks } = health;
  const failing = checks
    .filter(({ state }) => !WELL.includes(state))
    .map(({ name, state }) => `${name} ${state}`);
  if (checks.length === 0)
    return [
      bad(
        "health",
        "no probe: it is well whatever happens",
        "createHealth({ probes: [trafficProbe(tracing.traffic), …] })",
      ),
    ];
  if (failing.length > 0) return [bad("health", failing.join(", "), "whodunit health tells more")];
  return [
    good(
      "health",
      `${checks.length} ${checks.length === 1 ? "probe, and it is" : "probes, and all are"} well`,
    ),
  ];
}

function levels({ level, levelRefused, refused }: Asked): Finding[] {
  if (level === null) {
    if (levelRefused === 401 || typeof refused === "string") return [];
    return [
      bad(
        "level",
        `/debug/level answers ${levelRefused ?? "nothing"}`,
        "app.register(loggerPlugin, { logger }) or app.use(loggerMiddleware({ logger }))",
      ),
    ];
  }
  const rules = Array.isArray(level.levels) ? level.levels : [];
  const said = rules.map(({ prefix, level }) => `${prefix === "" ? "" : `${prefix}=`}${level}`).join(",");
  const redaction =
    typeof level.redaction !== "boolean"
      ? []
      : level.redaction
        ? [good("redaction", "on")]
        : [bad("redaction", "off: secrets are written as they are", "createLogger without `redact: false`")];
  return [good("level", said), ...redaction];
}
