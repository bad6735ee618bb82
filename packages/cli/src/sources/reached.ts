import type { Survey } from "./live/survey.ts";

/** An address that told nothing, and why. */
export interface Unanswered {
  readonly address: string;
  readonly error: string;
}

/** Who told, and who did not. */
export interface Reached {
  /** Where each service was asked, by its name: what an answer can be traced to. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** Of the addresses given, those that told nothing. */
  readonly unreached: readonly Unanswered[];
}

/** Who told something in a survey. */
export function reachedIn({ services, unreached }: Survey): Reached {
  return {
    addresses: Object.fromEntries(
      services.map(({ name, instances }) => [name, instances.map(({ address }) => address)]),
    ),
    unreached: unreached.filter(({ given }) => given).map(({ address, error }) => ({ address, error })),
  };
}

/** Where a service was asked; nowhere where only its callers told of it. */
export function addressesOf(addresses: Reached["addresses"], service: string): readonly string[] {
  return (Object.hasOwn(addresses, service) ? addresses[service] : undefined) ?? [];
}
