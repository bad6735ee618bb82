import { Series, type TrafficSide } from "./series.ts";

const SERIES_MAX = 1_000;
const OTHER = "_other";
const NAME_MAX = 256;
const IDLE_MS = 60_000;
const LONGEST_WINDOW_MS = 600_000;
// Each search of a full table makes room for some new series.
const GIVE_WAY_AT_ONCE = 64;

/** A series, and the names it is kept by: its own are redacted. */
interface Kept {
  readonly series: Series;
  readonly route: string;
  readonly peer: string;
}

/** At most 1,000 series by side, route and peer; what finds no room is counted under `_other`. */
export class SeriesTable {
  readonly #clean: (text: string) => string;
  // By route first: there are fewer routes than routes times callers, so the second map is small.
  readonly #sides = {
    server: new Map<string, Map<string, Series>>(),
    client: new Map<string, Map<string, Series>>(),
  };
  #size = 0;
  #searchableFromMs = 0;

  constructor(clean: (text: string) => string) {
    // Cut after the secrets are out: half of one might pass for none.
    this.#clean = (text) => cut(clean(text));
  }

  /** The series of these names, made where there is none yet. */
  of(side: TrafficSide, peer: string, route: string, nowMs: number): Series {
    const peers = this.#sides[side].get(shortened(route));
    const known = peers?.get(shortened(peer));
    if (known !== undefined) return known;
    // The two places of `_other` are kept free.
    if (this.#size < SERIES_MAX - 2 || this.#makeRoom(nowMs)) return this.#add(side, peer, route);
    return this.#other(side);
  }

  *all(): Iterable<Series> {
    for (const { series } of this.#kept()) yield series;
  }

  #other(side: TrafficSide): Series {
    return this.#sides[side].get(OTHER)?.get(OTHER) ?? this.#add(side, OTHER, OTHER);
  }

  #add(side: TrafficSide, peer: string, route: string): Series {
    const series = new Series(side, peer, route, this.#clean);
    const routes = this.#sides[side];
    const peers = routes.get(shortened(route));
    if (peers === undefined) routes.set(cut(route), new Map([[cut(peer), series]]));
    else peers.set(cut(peer), series);
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
    const idle: Kept[] = [];
    for (const kept of this.#kept()) {
      if (kept.route === OTHER && kept.peer === OTHER) continue;
      const idleFromMs = kept.series.lastAtMs + IDLE_MS;
      if (idleFromMs <= nowMs) idle.push(kept);
      else nextMs = Math.min(nextMs, idleFromMs);
    }
    const failed = ({ series }: Kept): number => Number(series.failed(nowMs, LONGEST_WINDOW_MS));
    idle.sort((a, b) => failed(a) - failed(b) || a.series.lastAtMs - b.series.lastAtMs);
    for (const kept of idle.slice(0, GIVE_WAY_AT_ONCE)) this.#giveWay(kept);
    this.#searchableFromMs = idle.length > 0 ? 0 : nextMs;
    return idle.length > 0;
  }

  #giveWay({ series, route, peer }: Kept): void {
    const side = this.#sides[series.side];
    const peers = side.get(route);
    peers?.delete(peer);
    if (peers?.size === 0) side.delete(route);
    this.#size--;
    this.#other(series.side).absorb(series);
  }

  *#kept(): Iterable<Kept> {
    for (const side of Object.values(this.#sides)) {
      for (const [route, peers] of side) for (const [peer, series] of peers) yield { series, route, peer };
    }
  }
}

// Most names are short; a span's name may be a whole statement.
const shortened = (name: string): string => (name.length > NAME_MAX ? name.slice(0, NAME_MAX) : name);

/** Shortened, and a string of its own: a part of a string keeps all of it in memory. */
const cut = (name: string): string =>
  name.length > NAME_MAX ? Buffer.from(shortened(name)).toString() : name;
