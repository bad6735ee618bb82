import { type DetectorList, triggersOf } from "../detect/detector.ts";
import { detectorsFor } from "../detect/detectors.ts";
import { createKeyRules } from "../keys/key-rules.ts";
import { addSuspects, type PackedSuspects, packSuspects } from "./byte-scan.ts";
import { type PackedTriggerTable, packTriggerTable } from "./trigger-table.ts";

/*
 * What a scan looks things up in, as plain data. It follows from the detectors' triggers alone, so the build works it out:
 * of this file only what the functions give is packed, as JSON. It fits every redactor whose detectors are some of these.
 */

/** The table of all detectors but that of IP addresses, which most redactors have not. */
export const tableWithoutIp = (): PackedTriggerTable => packTriggerTable(detectors(false));

/** The table of all detectors. */
export const tableWithIp = (): PackedTriggerTable => packTriggerTable(detectors(true));

const detectors = (hasIp: boolean): DetectorList =>
  detectorsFor(
    createKeyRules({ keys: [], safeKeys: [], allowKeys: undefined, wants: () => true }),
    (kind) => hasIp || kind !== "ip",
    () => false,
  );

/** The suspects of all detectors but that of IP addresses. */
export function suspectsWithoutIp(): PackedSuspects {
  addSuspects(triggersOf(detectors(false)));
  return packSuspects();
}
