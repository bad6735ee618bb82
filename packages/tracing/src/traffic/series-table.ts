import { CUT_MARGIN } from "../provider/limits.ts";
import { Series, type TrafficSide } from "./series.ts";
import { type Shown, ShownSeries } from "./shown-series.ts";

const SERIES_MAX = 1_000;
// What names itself to a route may be anybody: no route is crowded out by its callers.
const CALLERS_PER_ROUTE_MAX = 64;
const OTHER = "_other";
const NAME_MAX = 256;
const IDLE_MS = 60_000;
const LONGEST_WINDOW_MS = 600_000;
// Each search of a full table makes room for some new series.
const GIVE_WAY_AT_ONCE = 64;
// A route with fewer would have none left to tell apart.
const FOLDED_PEERS_MIN = 3;

/**
 * At most 1,000 series by side, route and peer. Callers give way before routes and callees: a route tells 64 callers
 * apart and counts the rest as its caller `_other`, and where the table is full the route with the most callers makes
 * room. What finds none all the same is counted under `_other` altogether.
 */
export class SeriesTable {
  readonly #clean: (text: string) => string;
  // By the names that are shown, which most names are as they come.
  // By route first: there are fewer routes than routes times callers, so the second map is small.
  readonly #sides = {
    server: new Map<string, Map<string, Series>>(),
    client: new Map<string, Map<string, Series>>(),
  };
  readonly #shown: ShownSeries;
  #size = 0;
  #searchableFromMs = Number.NEGATIVE_INFINITY;

  constructor(clean: (text: string) => string) {
    // Cut after the secrets are out: half of one might pass for none.
    this.#clean = (text) => cut(clean(text.slice(0, NAME_MAX + CUT_MARGIN)));
    this.#shown = new ShownSeries(this.#clean);
  }

  /** The series of these names, made where there is none yet. */
  of(side: TrafficSide, peer: string, route: string, nowMs: number): Series {
    const known = this.#find(side, shortened(peer), shortened(route));
    if (known !== undefined) return known;
    // Names that differ by their secrets only are shown as one, and so are counted as one.
    const shownPeer = this.#clean(peer);
    const shownRoute = this.#clean(route);
    return this.#find(side, shownPeer, shownRoute) ?? this.#place(side, shownPeer, shownRoute, nowMs);
  }

  /** What a scraper is told: see {@link ShownSeries}. */
  shown(nowMs: number): Shown {
    return this.#shown.choose([...this.all()], nowMs);
  }

  *all(): Iterable<Series> {
    for (const side of Object.values(this.#sides)) {
      for (const peers of side.values()) yield* peers.values();
    }
  }

  #find(side: TrafficSide, peer: string, route: string): Series | undefined {
    return this.#sides[side].get(route)?.get(peer);
  }

  /** A series for names that have none: of their own, of all that the route holds beside, of all there is beside. */
  #place(side: TrafficSide, peer: string, route: string, nowMs: number): Series {
    const peers = this.#sides[side].get(route);
    if (side === "server" && peers !== undefined && peers.size >= CALLERS_PER_ROUTE_MAX) {
      if (!this.#replaceForgotten(peers, nowMs))
        return this.#find(side, OTHER, route) ?? this.#fold(peers, 1);
    }
    if (this.#hasRoom || this.#makeRoom(nowMs)) return this.#add(side, peer, route);
    // A caller of a known route is one of those that give way.
    const crowded = side === "server" && peers !== undefined ? undefined : this.#crowded(peers === undefined);
    if (crowded !== undefined) {
      this.#fold(crowded, crowded.size >> 1);
      return this.#add(side, peer, route);
    }
    const other = this.#find(side, OTHER, route);
    if (other !== undefined) return other;
    return peers !== undefined && peers.size >= FOLDED_PEERS_MIN ? this.#fold(peers, 1) : this.#rest(side);
  }

  // The two places of `_other` altogether are kept free.
  get #hasRoom(): boolean {
    return this.#size < SERIES_MAX - 2;
  }

  /** What is counted under no names of its own on this side. */
  #rest(side: TrafficSide): Series {
    return this.#find(side, OTHER, OTHER) ?? this.#add(side, OTHER, OTHER);
  }

  #add(side: TrafficSide, peer: string, route: string): Series {
    const latencies = this.#shown.latenciesOf(side, peer, route, () => this.all());
    const outcomes = this.#shown.newOutcomes();
    const series = new Series({ side, peer, route }, { outcomes, latencies });
    const routes = this.#sides[side];
    const peers = routes.get(route);
    if (peers === undefined) routes.set(route, new Map([[peer, series]]));
    else peers.set(peer, series);
    this.#size++;
    return series;
  }

  /** The peers of a route that can spare some: callers first, callees only for a route that is new. */
  #crowded(isNewRoute: boolean): Map<string, Series> | undefined {
    return this.#mostPeers("server") ?? (isNewRoute ? this.#mostPeers("client") : undefined);
  }

  #mostPeers(side: TrafficSide): Map<string, Series> | undefined {
    let most: Map<string, Series> | undefined;
    for (const peers of this.#sides[side].values()) {
      if (peers.size >= FOLDED_PEERS_MIN && peers.size > (most?.size ?? 0)) most = peers;
    }
    return most;
  }

  /**
   * Counts these peers of a route as its `_other`, so many and one more where that has to be made: those that were seen
   * last go on by name.
   */
  #fold(peers: Map<string, Series>, count: number): Series {
    const named = [...peers.values()].filter(({ peer }) => peer !== OTHER);
    named.sort((a, b) => a.lastAtMs - b.lastAtMs);
    const [{ side, route }] = named as [Series];
    const folded = named.slice(0, count + Number(!peers.has(OTHER)));
    for (const { peer } of folded) peers.delete(peer);
    this.#size -= folded.length;
    const other = peers.get(OTHER) ?? this.#add(side, OTHER, route);
    for (const series of folded) other.absorb(series);
    return other;
  }

  /** Takes the place of a caller that is in no window any more. */
  #replaceForgotten(peers: Map<string, Series>, nowMs: number): boolean {
    for (const series of peers.values()) {
      if (series.peer === OTHER || nowMs - series.lastAtMs <= LONGEST_WINDOW_MS) continue;
      peers.delete(series.peer);
      this.#size--;
      return true;
    }
    return false;
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
    this.#searchableFromMs = idle.length > 0 ? Number.NEGATIVE_INFINITY : nextMs;
    return idle.length > 0;
  }

  #giveWay(series: Series): void {
    const { route, peer } = series;
    const side = this.#sides[series.side];
    const peers = side.get(route);
    peers?.delete(peer);
    if (peers?.size === 0) side.delete(route);
    this.#size--;
    const rest = this.#find(series.side, OTHER, route) ?? this.#rest(series.side);
    rest.absorb(series);
  }
}

// Most names are short; a span's name may be a whole statement.
const shortened = (name: string): string => (name.length > NAME_MAX ? name.slice(0, NAME_MAX) : name);

/** Shortened, and a string of its own: a part of a string keeps all of it in memory. */
const cut = (name: string): string =>
  name.length > NAME_MAX ? Buffer.from(shortened(name)).toString() : name;
