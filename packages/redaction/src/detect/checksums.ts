/** Luhn's check digit (ISO/IEC 7812-1, annex B) over a text of digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  let double = false;
  for (let i = digits.length - 1; i >= 0; i--) {
    let digit = digits.charCodeAt(i) - 48;
    if (double) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
    double = !double;
  }
  return sum % 10 === 0;
}

/**
 * The lengths a card number of this issuer may have, from the issuer identification number (ISO/IEC 7812); nothing
 * when no card network issues such numbers. Without it, one in ten of all 16-digit ids would pass for a card.
 */
export function cardLengths(digits: string): readonly number[] {
  const two = Number(digits.slice(0, 2));
  const four = Number(digits.slice(0, 4));
  if (digits[0] === "4") return VISA;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return SIXTEEN;
  if (two === 34 || two === 37) return AMEX;
  if (two === 36 || two === 38 || (four >= 3000 && four <= 3059)) return DINERS;
  if (four >= 3528 && four <= 3589) return SIXTEEN_UP;
  if (four === 6011 || (four >= 6440 && four <= 6499) || two === 65 || two === 62) return SIXTEEN_UP;
  return MAESTRO_PREFIXES.has(four) ? MAESTRO : NONE;
}

const VISA = [16, 13, 19];
const SIXTEEN = [16];
const SIXTEEN_UP = [16, 17, 18, 19];
const AMEX = [15];
const DINERS = [14, 16];
const MAESTRO = [16, 12, 13, 14, 15, 17, 18, 19];
const MAESTRO_PREFIXES = new Set([5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763]);
const NONE: readonly number[] = [];

/** Whether an IBAN without spaces has its country's length and the check digits of ISO 13616 (mod 97 is 1). */
export function isIban(text: string): boolean {
  if (text.length !== ibanLength(text)) return false;
  let rest = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt((i + 4) % text.length);
    rest = code < 58 ? rest * 10 + code - 48 : rest * 100 + code - 55;
    rest %= 97;
  }
  return rest === 1;
}

/** The length of an IBAN of the country its text starts with; 0 for no country. */
export function ibanLength(text: string): number {
  return IBAN_LENGTHS.get(text.slice(0, 2)) ?? 0;
}

// SWIFT's IBAN registry: the countries by the length of their IBAN.
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
  }).flatMap(([length, countries]) => countries.split(" ").map((country) => [country, Number(length)])),
);
