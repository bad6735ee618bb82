import { peerKey } from "../live/address.ts";
import type { Sample } from "./client.ts";
import type { Dialect } from "./dialects.ts";
import { namesOf } from "./peers.ts";

/**
 * Those called of whom their callers alone tell: databases, strangers, services that nobody has scraped.
 *
 * @param counts requests of all services
 */
export function toldByCallersAlone(counts: readonly Sample[], dialect: Dialect): string[] {
  const read = counts.flatMap(({ labels, value }) => {
    const names = value > 0 ? dialect.read(labels) : null;
    return names === null || names.peer === undefined ? [] : [{ ...names, peer: names.peer, labels }];
  });
  const known = new Map(read.map(({ service, labels }) => [service, { service, labels }]));
  const names = namesOf([...known.values()], read);
  const told = new Set(
    read.flatMap(({ side, peer, service }) => (side === "server" ? [`${peer}\0${service}`] : [])),
  );
  const alone = read.flatMap(({ side, peer, service }) => {
    const callee = names.get(peerKey(peer) ?? "") ?? peer;
    return side === "client" && !told.has(`${service}\0${callee}`) ? [peer] : [];
  });
  return [...new Set(alone)];
}

// VictoriaMetrics takes queries of 16 KB.
const MAX_CHARS = 8_000;

/** The same in lists that fit a query each. */
export function inQueries(values: readonly string[]): string[][] {
  const lists: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const value of values) {
    chars += value.length + 1;
    if (chars > MAX_CHARS) {
      lists.push([]);
      chars = value.length;
    }
    lists.at(-1)!.push(value);
  }
  return lists;
}
