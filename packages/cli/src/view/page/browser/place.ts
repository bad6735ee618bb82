/** Which traces to list. */
export interface Filter {
  readonly service: string;
  readonly route: string;
  readonly error: boolean;
  readonly minMs: number;
}

/** Which lines to show. */
export interface LineFilter {
  /** Words, phrases and `field:value`. */
  readonly search: string;
  /** Only what asks for attention. */
  readonly attention: boolean;
}

/** What the page shows. It stands in the address, so that it can be sent to a colleague and Back works. */
export interface Place {
  readonly view: "overview" | "lines" | "trace";
  readonly lines: LineFilter;
  readonly traceId: string | null;
  readonly windowS: 60 | 600;
  readonly filter: Filter;
}

/** Reads the place from a fragment such as `#/trace/5c52…?service=web&error=true`. */
export function readPlace(fragment: string): Place {
  const [path = "", query = ""] = fragment.replace(/^#/, "").split(/\?(.*)/s);
  const fields = new URLSearchParams(query);
  const minMs = Number(fields.get("minMs") ?? 0);
  const traceId = /^\/trace\/([0-9a-f]{32})$/i.exec(path)?.[1]?.toLowerCase() ?? null;
  return {
    view: traceId !== null ? "trace" : path === "/lines" ? "lines" : "overview",
    lines: { search: fields.get("search") ?? "", attention: fields.get("attention") === "true" },
    traceId,
    windowS: fields.get("window") === "600" ? 600 : 60,
    filter: {
      service: fields.get("service") ?? "",
      route: fields.get("route") ?? "",
      error: fields.get("error") === "true",
      minMs: minMs > 0 ? minMs : 0,
    },
  };
}

/** The fragment of some lines. */
export function linesFragmentOf({ search, attention }: LineFilter): string {
  const fields = new URLSearchParams();
  if (search !== "") fields.set("search", search);
  if (attention) fields.set("attention", "true");
  return fields.size === 0 ? "#/lines" : `#/lines?${fields}`;
}

/** The fragment of a place. */
export function fragmentOf({ view, lines, traceId, windowS, filter }: Place): string {
  if (view === "lines" && traceId === null) return linesFragmentOf(lines);
  const fields = filterQuery(filter);
  if (windowS !== 60) fields.set("window", String(windowS));
  const path = traceId === null ? "#/" : `#/trace/${traceId}`;
  return fields.size === 0 ? path : `${path}?${fields}`;
}

/** A filter as the receiver takes it. */
export function filterQuery({ service, route, error, minMs }: Filter): URLSearchParams {
  const fields = new URLSearchParams();
  if (service !== "") fields.set("service", service);
  if (route !== "") fields.set("route", route);
  if (error) fields.set("error", "true");
  if (minMs > 0) fields.set("minMs", String(minMs));
  return fields;
}

/** Every trace. */
export const NO_FILTER: Filter = { service: "", route: "", error: false, minMs: 0 };
