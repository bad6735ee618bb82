import { oneOf, optional } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { hostNameOrAddress } from "./check-address.ts";
import { hasMethod } from "./check-client.ts";

/** What is needed of a resolver: one of `node:dns/promises` fits. */
export interface DnsResolver {
  /** Asks for the records of a name. */
  resolve(hostname: string, recordType: string): Promise<unknown>;
}

/** What {@link dnsProbe} takes. */
export interface DnsProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The name to resolve. */
  readonly hostname: string;
  /** The record to ask for. @default "A" */
  readonly recordType?: "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SRV" | "TXT";
  /** What asks, with servers of its own. Default: a `Resolver` with the system's servers. */
  readonly resolver?: DnsResolver;
}

const RECORDS = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"];

const SHAPE: OwnShape<DnsProbeOptions> = {
  hostname: hostNameOrAddress,
  recordType: oneOf(RECORDS),
  resolver: optional((resolver) => hasMethod(resolver, "resolve"), "a Resolver of node:dns/promises"),
};

/**
 * Resolves a name by DNS, past /etc/hosts and the thread pool's `getaddrinfo`, which cannot be called off.
 *
 * @throws TypeError when an option is wrong
 */
export function dnsProbe(options: DnsProbeOptions): Probe {
  checkProbeOptions("dnsProbe", options, SHAPE);
  const { hostname, recordType = "A" } = options;
  return probeFrom(options, {
    async check(signal) {
      if (options.resolver !== undefined) return options.resolver.resolve(hostname, recordType);
      // Loaded where it is asked: most services have no such probe, and start sooner without.
      const { Resolver } = process.getBuiltinModule("node:dns/promises");
      const resolver = new Resolver();
      const cancel = (): void => resolver.cancel();
      signal.addEventListener("abort", cancel, { once: true });
      try {
        return await resolver.resolve(hostname, recordType);
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
  });
}
