import type { KeyRules } from "../keys/key-rules.ts";
import type { Kind } from "../kinds.ts";
import { assignment } from "./assignment.ts";
import { boundValues } from "./bound-values.ts";
import { call } from "./call.ts";
import { command } from "./command.ts";
import { commandPlace } from "./command-place.ts";
import { email, ip, phone, userinfo } from "./contact.ts";
import { databaseText } from "./database-text.ts";
import type { Detector, DetectorList } from "./detector.ts";
import { flag } from "./flag.ts";
import { manifest } from "./manifest.ts";
import { grantCode, jwk } from "./object-member.ts";
import { prose } from "./prose.ts";
import { querySecret } from "./query-secret.ts";
import { serialised } from "./serialised.ts";
import { setting } from "./setting.ts";
import { table } from "./table.ts";
import { authScheme, jwt, privateKey, puttyKey } from "./token.ts";
import { validatorText } from "./validator-text.ts";
import { vendorTokens } from "./vendor-token.ts";
import { written } from "./written.ts";

/**
 * All detectors in the order in which they are asked where several look at the same place, each at the same place whatever
 * is wanted.
 *
 * @param isReplaced whether what stands at an index of a text is a stand-in of this redactor
 */
export function detectorsFor(
  keys: KeyRules,
  wants: (kind: Kind) => boolean,
  isReplaced: (text: string, index: number) => boolean,
): DetectorList {
  const detectors: [isWanted: boolean, own: Detector[]][] = [
    [wants("userinfo"), [userinfo]],
    [wants("email"), [email]],
    // Keys in text tell other kinds, too, and the user's own.
    [
      true,
      [
        assignment(keys, isReplaced),
        flag(keys, isReplaced),
        setting(keys, isReplaced),
        serialised(keys, isReplaced),
        boundValues(keys, isReplaced),
        databaseText(keys, isReplaced),
        validatorText(keys, isReplaced),
      ],
    ],
    [wants("private-key"), [privateKey, puttyKey, jwk(isReplaced)]],
    [wants("auth"), [authScheme]],
    [wants("aws"), vendorTokens("aws")],
    [wants("vendor"), vendorTokens("vendor")],
    // Behind those of vendors, which may hold one.
    [wants("jwt"), [jwt]],
    [wants("phone"), [phone]],
    [wants("ip"), [ip]],
    [
      wants("secret"),
      [
        querySecret(isReplaced),
        grantCode(isReplaced),
        written(isReplaced),
        manifest(isReplaced),
        command(isReplaced),
        commandPlace(isReplaced),
        call(keys, isReplaced),
        table(keys, isReplaced),
        prose(keys, isReplaced),
      ],
    ],
  ];
  return detectors.flatMap(([isWanted, own]) => (isWanted ? own : own.map(() => undefined)));
}
