/** Who waits for a connection of a pool. */
export interface PoolState {
  readonly name: string;
  readonly waiting: number;
  /** How many connections there may be; null where the pool does not tell. */
  readonly size: number | null;
}

const POOLS_MAX = 64;

interface Watched {
  readonly name: string;
  readonly pool: WeakRef<object>;
}

// One list per process, whatever number of copies of this package is installed.
const STATE = Symbol.for("whodunit.pools");
const process_ = globalThis as { [STATE]?: Watched[] };
process_[STATE] ??= [];
const pools = process_[STATE];

/**
 * Has a pool of connections be looked at once a second, so that a verdict says where requests wait for one. Knows pools
 * of pg, mysql, mysql2, undici, generic-pool and tarn (knex) by what they tell of themselves; any other object may have
 * `waitingCount` and `size`. A pool that is not used any more is let go. At most 64. Never throws.
 *
 * @param name what the pool leads to, such as `"orders-db"`
 */
export function watchPool(name: string, pool: object): void {
  if (typeof pool !== "object" || pool === null || pools.some((one) => one.pool.deref() === pool)) return;
  const gone = pools.findIndex((one) => one.pool.deref() === undefined);
  const watched = { name: String(name).slice(0, 128), pool: new WeakRef(pool) };
  if (gone !== -1) pools[gone] = watched;
  else if (pools.length < POOLS_MAX) pools.push(watched);
}

/** @internal The pools that can be read. */
export function watchedPools(): PoolState[] {
  return pools.flatMap(({ name, pool }) => {
    try {
      const state = stateOf(pool.deref() as PoolLike | undefined);
      return state === undefined ? [] : [{ name, ...state }];
    } catch {
      // A getter of a library's own threw.
      return [];
    }
  });
}

/** What pools tell of themselves, each library in its own way. */
interface PoolLike {
  /** pg. */
  readonly waitingCount?: number;
  readonly options?: { readonly max?: number };
  readonly size?: number;
  /** undici. */
  readonly stats?: { readonly queued?: number };
  /** mysql, mysql2; its promises wrap the pool. */
  readonly _connectionQueue?: { readonly length: number };
  readonly config?: { readonly connectionLimit?: number };
  readonly pool?: PoolLike;
  /** generic-pool. */
  readonly pending?: number;
  readonly max?: number;
  /** tarn. */
  numPendingAcquires?(): number;
}

function stateOf(pool: PoolLike | undefined): Omit<PoolState, "name"> | undefined {
  if (pool === undefined) return undefined;
  const { stats, config, options, max, size } = pool;
  const state = (waiting: number | undefined, of: number | undefined) =>
    typeof waiting === "number" && waiting >= 0
      ? { waiting, size: typeof of === "number" && of > 0 ? of : null }
      : undefined;
  return (
    state(pool.waitingCount, options?.max ?? size) ??
    state(pool._connectionQueue?.length, config?.connectionLimit) ??
    state(pool.numPendingAcquires?.(), max) ??
    state(stats?.queued, undefined) ??
    state(pool.pending, max) ??
    (typeof pool.pool === "object" && pool.pool !== pool ? stateOf(pool.pool) : undefined)
  );
}
