import { CUT_MARGIN } from "../provider/limits.ts";
import { Series, type TrafficSide } from "./series.ts";

const SERIES_MAX = 1_000;
const OTHER = "_other";
const NAME_MAX = 256;
const IDLE_MS = 60_000;
const LONGEST_WINDOW_MS = 600_000;
// Each search of a full table makes room for some new series.
const GIVE_WAY_AT_ONCE = 64;

/** At most 1,000 series by side, route and peer; what finds no room is counted under `_other`. */
export class SeriesTable {
  readonly #clean: (text: string) => string;
  // By the names that are shown, which most names are as they come.
  // By route first: there are fewer routes than routes times callers, so the second map is small.
  readonly #sides = {
    server: new Map<string, Map<string, Series>>(),
    client: new Map<string, Map<string, Series>>(),
  };
  #size = 0;
  #searchableFromMs = 0;

  constructor(clean: (text: string) => string) {
    // Cut after the secrets are out: half of one might pass for none.
    this.#clean = (text) => cut(clean(text.slice(0, NAME_MAX + CUT_MARGIN)));
  }

  /** The series of these names, made where there is none yet. */
  of(side: TrafficSide, peer: string, route: string, nowMs: number): Series {
    const known = this.#find(side, shortened(peer), shortened(route));
    if (known !== undefined) return known;
    // Names that differ by their secrets only are shown as one, and so are counted as one.
    const shownPeer = this.#clean(peer);
    const shownRoute = this.#clean(route);
    const shown = this.#find(side, shownPeer, shownRoute);
    if (shown !== undefined) return shown;
    // The two places of `_other` are kept free.
    if (this.#size < SERIES_MAX - 2 || this.#makeRoom(nowMs)) return this.#add(side, shownPeer, shownRoute);
    return this.#other(side);
  }

  *all(): Iterable<Series> {
    for (const side of Object.values(this.#sides)) {
      for (const peers of side.values()) yield* peers.values();
    }
  }

  #find(side: TrafficSide, peer: string, route: string): Series | undefined {
    return this.#sides[side].get(route)?.get(peer);
  }

  #other(side: TrafficSide): Series {
    return this.#find(side, OTHER, OTHER) ?? this.#add(side, OTHER, OTHER);
  }

  #add(side: TrafficSide, peer: string, route: string): Series {
    const series = new Series(side, peer, route, this.#clean);
    const routes = this.#sides[side];
    const peers = routes.get(route);
    if (peers === undefined) routes.set(route, new Map([[peer, series]]));
    else peers.set(peer, series);
    this.#size++;
    return series;
  }

  /**
   * Of the series that have been idle for a minute some give way, those that failed in the longest window last, the
   * longest idle first; their counts go on under `_other`. A full table is not searched again before there can be
   * one.
   */
  #makeRoom(nowMs: number): boolean {
    if (nowMs < this.#searchableFromMs) return false;
    let nextMs = nowMs + IDLE_MS;
    const idle: Series[] = [];
    for (const series of this.all()) {
      if (series.route === OTHER && series.peer === OTHER) continue;
      const idleFromMs = series.lastAtMs + IDLE_MS;
      if (idleFromMs <= nowMs) idle.push(series);
      else nextMs = Math.min(nextMs, idleFromMs);
    }
    const failed = (series: Series): number => Number(series.failed(nowMs, LONGEST_WINDOW_MS));
    idle.sort((a, b) => failed(a) - failed(b) || a.lastAtMs - b.lastAtMs);
    for (const series of idle.slice(0, GIVE_WAY_AT_ONCE)) this.#giveWay(series);
    this.#searchableFromMs = idle.length > 0 ? 0 : nextMs;
    return idle.length > 0;
  }

  #giveWay(series: Series): void {
    const { route, peer } = series;
    const side = this.#sides[series.side];
    const peers = side.get(route);
    peers?.delete(peer);
    if (peers?.size === 0) side.delete(route);
    this.#size--;
    this.#other(series.side).absorb(series);
  }
}

// Most names are short; a span's name may be a whole statement.
const shortened = (name: string): string => (name.length > NAME_MAX ? name.slice(0, NAME_MAX) : name);

/** Shortened, and a string of its own: a part of a string keeps all of it in memory. */
const cut = (name: string): string =>
  name.length > NAME_MAX ? Buffer.from(shortened(name)).toString() : name;
