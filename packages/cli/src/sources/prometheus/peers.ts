import { addressKey, peerKey } from "../live/address.ts";
import { canonicalHost, isInside } from "../live/host.ts";
import type { Series } from "../live/traffic-document.ts";

/** A process as the store knows it. */
export interface Known {
  readonly service: string;
  /** The labels of its series, its target's among them. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Which service answers at each address that is called, by its key. Nobody is asked: an address is a service's where the
 * store has scraped that service there, or where its host bears the service's name, or its Kubernetes Service's: `voting:80`,
 * `voting.shop.svc`. Names of others' houses are nobody's.
 */
export function namesOf(
  known: readonly Known[],
  series: readonly Pick<Series, "side" | "peer">[],
): Map<string, string> {
  const names = new Map<string, string>();
  const hosts = new Map<string, Set<string>>();
  for (const { service, labels } of known) {
    const key = peerKey(labels.instance ?? "");
    if (key !== null) names.set(key, service);
    const namespace = labels.namespace ?? labels.service_namespace;
    for (const name of [service, labels.service, labels.pod]) {
      if (name === undefined || name === "") continue;
      for (const host of [name, ...(namespace === undefined ? [] : [`${name}.${namespace}`])]) {
        const own = hosts.get(host.toLowerCase()) ?? new Set();
        hosts.set(host.toLowerCase(), own.add(service));
      }
    }
  }
  for (const { side, peer } of series) {
    const key = side === "client" ? peerKey(peer) : null;
    if (key === null || names.has(key)) continue;
    const found = byHost(peer.slice(0, peer.lastIndexOf(":")), hosts);
    if (found !== undefined) names.set(key, found);
  }
  return names;
}

// Two labels say more than one: the same service may be there in several namespaces.
function byHost(host: string, hosts: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const canonical = canonicalHost(host);
  if (canonical === null || !isInside(canonical.replace(/\.cluster\.local$/, ".local"))) return undefined;
  const [first = "", second] = canonical.split(".");
  for (const name of [canonical, second === undefined ? first : `${first}.${second}`, first]) {
    const services = hosts.get(name);
    if (services?.size === 1) return [...services][0];
  }
  return undefined;
}

/** How an address reads where there is one, else the process's own name. */
export function addressOf({ service, labels }: Known, instance: string): { address: string; key: string } {
  const target = labels.instance ?? "";
  const at = peerKey(target) === null ? instance : target;
  const port = at.slice(at.lastIndexOf(":") + 1);
  const key = peerKey(at) ?? addressKey(service, port);
  return { address: peerKey(at) === null ? at || service : `http://${at}`, key };
}
