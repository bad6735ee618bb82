/** What the receiver tells the page, as JSON. It stands here because the browser's project imports nothing else. */

/** How a service, a call or a route does: `failing` from three failures and one request in a hundred. */
export type State = "idle" | "ok" | "few" | "failing";

/** Requests of a window. */
export interface Rates {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  /** From 0 to 1; null without requests. */
  readonly success: number | null;
  readonly p95Ms: number | null;
  readonly state: State;
}

/** A place on the map, in its units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A service, or something that a service calls and that sends no spans (`peer`). */
export interface MapNode extends Rates {
  readonly name: string;
  readonly kind: "service" | "peer";
  /** Whether it fails more than what it calls explains. */
  readonly blamed: boolean;
  /** The middle of its box; null when the map has no room for it. */
  readonly at: Point | null;
}

/** The calls of one service to another. */
export interface MapEdge extends Rates {
  readonly from: string;
  readonly to: string;
  /** From box to box; empty when the map has no room for it. */
  readonly line: readonly Point[];
  /** The middle of its label. */
  readonly at: Point | null;
}

/** What one service was asked to do. */
export interface MapRoute extends Rates {
  readonly service: string;
  readonly route: string;
}

/** Who is at fault: a service, what it calls, or the way between two that are well. */
export interface Blame {
  readonly name: string;
  /** Set when the calls of `caller` fail while `name` answers well. */
  readonly caller: string | null;
  readonly route: string | null;
  readonly requests: number;
  readonly failures: number;
}

/** What the store has taken and let go. */
export interface Counts {
  readonly traces: number;
  readonly spans: number;
  readonly lines: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly received: number;
  readonly receivedLines: number;
  readonly evicted: number;
  readonly dropped: number;
  readonly problem: string | null;
}

/** `GET /api/map?windowS=60`, or `?from=…&to=…` */
export interface MapAnswer {
  /** Over how many seconds it was counted. */
  readonly windowS: number;
  /** The stretch that was asked for, in milliseconds since 1970; null for the time up to now. */
  readonly stretch: { readonly fromMs: number; readonly toMs: number } | null;
  /** Where calls go: from left to right, or on a narrow page down one column. */
  readonly flow: "right" | "down";
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly routes: readonly MapRoute[];
  readonly blame: readonly Blame[];
  readonly width: number;
  readonly height: number;
  /** The size of every node's box. */
  readonly box: { readonly width: number; readonly height: number };
  /** Calls that are in the table only. */
  readonly notDrawn: number;
  /** Spans that were of too many routes and callees to be counted. */
  readonly notCounted: number;
  readonly counts: Counts;
}

/** One line of the list of traces. */
export interface TraceLine {
  readonly traceId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly root: { readonly service: string; readonly name: string };
  readonly services: readonly { readonly name: string; readonly spans: number; readonly errors: number }[];
  readonly spans: number;
  readonly errors: number;
}

/** `GET /api/traces` */
export interface TracesAnswer {
  readonly traces: readonly TraceLine[];
}

/** A value of an attribute. */
export type Value = string | number | boolean | null | readonly Value[] | Values;

/** Attributes by name. */
export interface Values {
  readonly [name: string]: Value;
}

/** A log line. */
export interface FoundLine {
  readonly id: string;
  readonly timeMs: number;
  readonly service: string;
  readonly level: string;
  readonly failed: boolean;
  readonly name: string;
  readonly text: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly count: number;
  readonly fields: Values;
}

/** `GET /api/lines` */
export interface LinesAnswer {
  readonly lines: readonly FoundLine[];
}

/** How often a name was seen. */
export interface NamedCount {
  readonly service: string;
  readonly name: string;
  readonly failed: boolean;
  readonly count: number;
}

/** `GET /api/names` */
export interface NamesAnswer {
  readonly names: readonly NamedCount[];
}

/** A span of a waterfall. */
export interface WaterfallSpan {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly error: boolean;
  readonly message: string;
  readonly attributes: Values;
  readonly events: readonly { readonly name: string; readonly timeMs: number; readonly attributes: Values }[];
}

/** `GET /api/traces/:traceId/waterfall`: parents before their children. */
export interface WaterfallAnswer {
  readonly traceId: string;
  /** How many spans it has. */
  readonly spans: number;
  /** Null where it has as many spans as `unless` said. */
  readonly rows:
    | readonly {
        readonly span: WaterfallSpan;
        readonly depth: number;
        /** What a failed span says of its failure, in a line. */
        readonly failure: string;
      }[]
    | null;
}

/** What one of two traces did at a step. */
export interface BesideSide {
  readonly spans: number;
  /** Of all of them together. */
  readonly durationMs: number;
  readonly errors: number;
}

/** `GET /api/traces/:traceId/beside`: a trace and a good one of the same route. */
export interface BesideAnswer {
  /** Null when none is here. */
  readonly good: { readonly traceId: string; readonly startMs: number; readonly durationMs: number } | null;
  /** Callers before callees; what only the good one did comes last. */
  readonly steps: readonly {
    readonly service: string;
    readonly name: string;
    readonly depth: number;
    readonly here: BesideSide | null;
    readonly there: BesideSide | null;
  }[];
}

/** One step of time. */
export interface TimePoint {
  readonly atMs: number;
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly failedLines: number;
}

/** `GET /api/over-time` */
export interface OverTimeAnswer {
  readonly stepMinutes: number;
  readonly points: readonly TimePoint[];
}

/** Something that was changed at a service. */
export interface Change {
  readonly atMs: number;
  readonly service: string;
  readonly kind: "deploy" | "start" | "level" | "report";
  readonly what: string;
}

/** `GET /api/changes` */
export interface ChangesAnswer {
  readonly changes: readonly Change[];
}

/** How an entry was for a while; `toMs` is null while it still is. */
export interface HealthStretch {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly status: string;
}

/** A time in which an entry failed. */
export interface HealthIncident {
  readonly service: string;
  readonly probe: string;
  /** Whether it counts against its service; null where nobody told. */
  readonly critical: boolean | null;
  readonly status: string;
  readonly sinceMs: number;
  /** Null while it lasts. */
  readonly untilMs: number | null;
  readonly error: string;
  /** The routes that failed meanwhile, the most first. */
  readonly failed: readonly {
    readonly service: string;
    readonly route: string;
    readonly requests: number;
    readonly failures: number;
  }[];
}

/** `GET /api/health` */
export interface HealthAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  readonly entries: readonly {
    readonly service: string;
    readonly probe: string;
    readonly critical: boolean | null;
    readonly status: string;
    readonly failing: boolean;
    readonly sinceMs: number;
    readonly error: string;
    readonly strip: readonly HealthStretch[];
  }[];
  readonly incidents: readonly HealthIncident[];
}

/** A series of a metric. */
export interface FoundMetric {
  readonly service: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "histogram";
  readonly series: Values;
  /** How many observations there were. */
  readonly observations: number;
  /** A value a step: the mean of a gauge and of a histogram, what was added a minute of a sum. */
  readonly values: readonly (number | null)[];
}

/** `GET /api/metrics` */
export interface MetricsAnswer {
  readonly fromMs: number;
  readonly stepMinutes: number;
  readonly metrics: readonly FoundMetric[];
}
