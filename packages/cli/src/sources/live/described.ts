import { isRecord } from "../../is-record.ts";
import { readCount } from "./read-count.ts";

/** A value that requests were described by. */
export interface DescribedValue {
  readonly name: string;
  readonly value: string;
  /** Of the failed requests that were looked at, those that had it. */
  readonly failing: number;
  /** Of the others. */
  readonly good: number;
}

/** What the failed requests of one caller on one route have in common that the others have not. */
export interface DescribedRequests {
  readonly peer: string;
  readonly route: string;
  readonly windowS: number;
  /** Failed requests that were looked at; a service keeps the latest ones only. */
  readonly failing: number;
  readonly good: number;
  /** The most telling first. */
  readonly values: readonly DescribedValue[];
}

/** Reads one of `attributes`; nothing where it makes no sense. */
export function readDescribed(value: unknown): DescribedRequests[] {
  if (!isRecord(value) || value.side !== "server" || !Array.isArray(value.values)) return [];
  const { peer, route } = value;
  if (typeof peer !== "string" || typeof route !== "string") return [];
  const failing = readCount(value.failing);
  const good = readCount(value.good);
  const values = value.values.flatMap((one: unknown): DescribedValue[] => {
    if (!isRecord(one) || typeof one.name !== "string" || typeof one.value !== "string") return [];
    const counts = { failing: readCount(one.failing), good: readCount(one.good) };
    return counts.failing > failing || counts.good > good
      ? []
      : [{ name: one.name, value: one.value, ...counts }];
  });
  return [{ peer, route, windowS: readCount(value.windowS), failing, good, values }];
}
