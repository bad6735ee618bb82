import type { KeyRules } from "../keys/key-rules.ts";
import type { Kind } from "../kinds.ts";
import { assignment } from "./assignment.ts";
import { command } from "./command.ts";
import { email, ip, phone, userinfo } from "./contact.ts";
import { databaseText } from "./database-text.ts";
import type { Detector } from "./detector.ts";
import { flag } from "./flag.ts";
import { authScheme, jwt, privateKey } from "./token.ts";
import { vendorTokens } from "./vendor-token.ts";

/**
 * All detectors of the kinds that are wanted, in the order in which they are asked where several look at the same place.
 *
 * @param isReplaced whether what stands at an index of a text is a stand-in of this redactor
 */
export function detectorsFor(
  keys: KeyRules,
  wants: (kind: Kind) => boolean,
  isReplaced: (text: string, index: number) => boolean,
): Detector[] {
  const detectors: [Kind, Detector[]][] = [
    ["userinfo", [userinfo]],
    ["email", [email]],
    ["secret", [assignment(keys, isReplaced), flag(keys, isReplaced), databaseText(keys, isReplaced)]],
    ["private-key", [privateKey]],
    ["auth", [authScheme]],
    ["aws", vendorTokens("aws")],
    ["vendor", vendorTokens("vendor")],
    // Behind those of vendors, which may hold one.
    ["jwt", [jwt]],
    ["phone", [phone]],
    ["ip", [ip]],
  ];
  if (wants("secret")) detectors.push(["secret", [command(isReplaced)]]);
  // Keys in text tell other kinds, too, and the user's own.
  return detectors.filter(([kind]) => kind === "secret" || wants(kind)).flatMap(([, own]) => own);
}
