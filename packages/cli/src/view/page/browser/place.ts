/** Which traces to list. */
export interface Filter {
  readonly service: string;
  readonly route: string;
  /** Words, phrases and `attribute:value` that one span must hold. */
  readonly search: string;
  readonly error: boolean;
  readonly minMs: number;
  /** Infinity: however long. */
  readonly maxMs: number;
}

/** Which lines to show. */
export interface LineFilter {
  /** Words, phrases and `field:value`. */
  readonly search: string;
  /** Only what asks for attention. */
  readonly attention: boolean;
  /** The id of a line of which to show what came before and after it, of every service; empty for none. */
  readonly around: string;
}

/** Which metrics to show. */
export interface MetricFilter {
  readonly service: string;
  /** What stands in their name or attributes. */
  readonly find: string;
}

/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The views of the page. */
export type View = "overview" | "lines" | "health" | "metrics" | "trace";

/** What the page shows. It stands in the address, so that it can be sent to a colleague and Back works. */
export interface Place {
  readonly view: View;
  /** The chosen time, of all views; null for what is now. */
  readonly stretch: Stretch | null;
  readonly filter: Filter;
  readonly windowS: 60 | 600;
  /** What the charts show. */
  readonly range: "hour" | "day";
  /** Whether the charts show the hour, or day, before as well. */
  readonly compare: boolean;
  readonly lines: LineFilter;
  readonly metrics: MetricFilter;
  readonly traceId: string | null;
  /** What is looked for among the spans of the trace. */
  readonly find: string;
  /** Whether the trace is laid beside a good one. */
  readonly beside: boolean;
}

/** Every trace. */
export const NO_FILTER: Filter = {
  service: "",
  route: "",
  search: "",
  error: false,
  minMs: 0,
  maxMs: Infinity,
};

const VIEWS: readonly View[] = ["lines", "health", "metrics"];

/** Reads the place from a fragment such as `#/trace/5c52…?service=web&error=true`. */
export function readPlace(fragment: string): Place {
  const [path = "", query = ""] = fragment.replace(/^#/, "").split(/\?(.*)/s);
  const fields = new URLSearchParams(query);
  const text = (name: string): string => fields.get(name) ?? "";
  const [minMs, maxMs] = [Number(text("minMs")), Number(text("maxMs"))];
  const traceId = /^\/trace\/([0-9a-f]{32})$/i.exec(path)?.[1]?.toLowerCase() ?? null;
  const view = traceId === null ? (VIEWS.find((name) => path === `/${name}`) ?? "overview") : "trace";
  const search = text("search");
  return {
    view,
    traceId,
    stretch: readStretch(text("from"), text("to")),
    filter: {
      service: text("service"),
      route: text("route"),
      search: view === "lines" ? "" : search,
      error: text("error") === "true",
      minMs: minMs > 0 ? minMs : 0,
      maxMs: maxMs > 0 ? maxMs : Infinity,
    },
    windowS: text("window") === "600" ? 600 : 60,
    range: text("range") === "day" ? "day" : "hour",
    compare: text("compare") === "true",
    lines: {
      search: view === "lines" ? search : "",
      attention: text("attention") === "true",
      around: view === "lines" ? text("around") : "",
    },
    metrics: {
      service: view === "metrics" ? text("service") : "",
      find: view === "metrics" ? text("find") : "",
    },
    find: view === "trace" ? text("find") : "",
    beside: text("beside") === "true",
  };
}

function readStretch(from: string, to: string): Stretch | null {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** The fragment of a place. */
export function fragmentOf(place: Place): string {
  const fields = ownFields(place);
  if (place.stretch !== null) {
    fields.set("from", new Date(place.stretch.fromMs).toISOString());
    fields.set("to", new Date(place.stretch.toMs).toISOString());
  }
  const path =
    place.view === "trace" ? `trace/${place.traceId}` : place.view === "overview" ? "" : place.view;
  return fields.size === 0 ? `#/${path}` : `#/${path}?${fields}`;
}

function ownFields({
  view,
  filter,
  windowS,
  range,
  compare,
  lines,
  metrics,
  find,
  beside,
}: Place): URLSearchParams {
  if (view === "health") return given({});
  if (view === "lines") return given({ ...lines });
  if (view === "metrics") return given({ service: metrics.service, find: metrics.find });
  const fields = filterQuery(filter);
  const more = {
    window: windowS === 60 ? "" : String(windowS),
    range: range === "hour" ? "" : range,
    compare,
    ...(view === "trace" ? { find, beside } : {}),
  };
  for (const [name, value] of given(more)) fields.set(name, value);
  return fields;
}

/** A filter as the receiver takes it. */
export function filterQuery({ service, route, search, error, minMs, maxMs }: Filter): URLSearchParams {
  const bounds = { minMs: minMs > 0 ? String(minMs) : "", maxMs: maxMs < Infinity ? String(maxMs) : "" };
  return given({ service, route, search, error, ...bounds });
}

/** A stretch as the receiver takes it. */
export const stretchQuery = (stretch: Stretch | null): URLSearchParams =>
  given(stretch === null ? {} : { from: String(stretch.fromMs), to: String(stretch.toMs) });

function given(fields: Readonly<Record<string, string | boolean>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    if (value !== "" && value !== false) query.set(name, String(value));
  return query;
}
