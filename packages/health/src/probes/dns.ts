import { Resolver } from "node:dns/promises";
import { checkOneOf, optionError } from "@whodunit/core";
import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkHost } from "./check-address.ts";

/** What {@link dnsProbe} takes. */
export interface DnsProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The name to resolve. */
  readonly hostname: string;
  /** The record to ask for. @default "A" */
  readonly recordType?: "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SRV" | "TXT";
  /** What asks, with servers of its own. Default: a `Resolver` with the system's servers. */
  readonly resolver?: { resolve(hostname: string, recordType: string): Promise<unknown> };
}

const RECORDS = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"];

/**
 * Resolves a name by DNS, past /etc/hosts and the thread pool's `getaddrinfo`, which cannot be called off.
 *
 * @throws TypeError when an option is wrong
 */
export function dnsProbe(options: DnsProbeOptions): Probe {
  const { hostname, recordType = "A" } = options;
  checkHost("dnsProbe", "hostname", hostname);
  checkOneOf("dnsProbe", "recordType", recordType, RECORDS);
  if (options.resolver !== undefined && typeof options.resolver?.resolve !== "function") {
    throw optionError("dnsProbe", "resolver", options.resolver, "a Resolver of node:dns/promises");
  }
  return probeFrom("dnsProbe", options, ["hostname", "recordType", "resolver"], {
    async check(signal) {
      if (options.resolver !== undefined) return options.resolver.resolve(hostname, recordType);
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
