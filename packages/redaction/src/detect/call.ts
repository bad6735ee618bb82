import type { KeyRules } from "../keys/key-rules.ts";
import { type Detector, type Span, spansOf } from "./detector.ts";
import { closingQuote } from "./printed-value.ts";
import { isStatement } from "./value-in-text.ts";

const FRONT_MAX = 48;
const NAME_MAX = 64;
// `setPassword("x")`, `crypt('x', salt)`
const FIRST =
  /(?:^|[^\w$])(?:[\w$]{0,24}(?:set|with|use|change|update|verify|check|validate|compare|hash)_?(?:Password|Passwd|Passphrase)|[\w$]{0,24}(?:set|with)_?(?:[A-Za-z]{0,16}Token|Api_?Key|Secret)|(?:set_?)?(?:password|passphrase)|(?:bcrypt(?:js)?\.(?:hash|compare)|scrypt|pbkdf2)(?:Sync)?|argon2\.hash|cookie_?parser|crypt)\(\\{0,8}$/i;
// `db.auth('ada', 'x')`, `new NetworkCredential("ada", "x")`
const SECOND =
  /(?:^|[^\w$])(?:auth(?:enticate)?|auth ?= ?|log_?in|sign_?in|(?:http_?)?(?:basic|digest|proxy)_?auth|oci_?connect|network_?credential|password_?authentication|change_?user_?password|pgp_sym_encrypt|pgp_sym_decrypt|aes_encrypt|aes_decrypt|(?:create_?)?hmac)(?:::new)?(?:\]::new)?\(\\{0,8}$/i;
// `new PDO('mysql:host=h', 'ada', 'x')`
const THIRD =
  /(?:^|[^\w$])(?:(?:PDO|mysqli)(?:->__construct)?|(?:mysqli|odbc|mysql|db2|ibase)_p?connect|(?:DriverManager\.)?getConnection|Sequelize)\(\\{0,8}$/;
// `page.locator('#password').fill('x')`, `driver.findElement(By.id("password")).sendKeys("x")`
const TYPED = /\.(?:fill|type|sendKeys|pressSequentially|setValue|addValue)\(\\{0,8}$/;
const FIELD = /\(\\{0,8}(["'`])((?:(?!\1)[^\\]){1,64})\\{0,8}\1[^()]{0,40}\){1,2}$/;
const FIELD_MAX = 144;
const GAP = /^\\{0,8}["'`]\s{0,4},\s{0,4}(\\{0,8})["'`]/;

const isLabel = (value: string, name: string): boolean =>
  isStatement(value) || value.toLowerCase() === name.toLowerCase();

/** The secret that a printed call is given: `setPassword("x")`, `db.auth("ada", "x")`, `setHeader("authorization", "x")`. */
export function call(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = spansOf(isReplaced, { kind: "secret" });

  return {
    triggers: [
      ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:", "(", "'\"`\\"],
      ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:", "(", " ", "'\"`\\"],
      ["h", "=", "(", "'\"\\"],
    ],
    find(text, index): Span | undefined {
      const front = text.slice(Math.max(0, index - FRONT_MAX), text[index - 1] === " " ? index - 1 : index);
      const isFirst = FIRST.test(front) || (TYPED.test(front) && isTyped(text, index));
      let open = index;
      while (text[open] === "\\") open++;
      const slashes = open - index;
      if (!/["'`]/.test(text[open] ?? "")) return undefined;
      const end = closingQuote(text, open + 1, text[open]!, slashes);
      if (!isFirst && end - open > NAME_MAX) return undefined;
      if (isFirst) return spanOf(text, open + 1, end);
      let start = behindGap(text, end);
      if (start === -1) return undefined;
      const isNamed = keys.ofText(text.slice(open + 1, end)) !== undefined;
      if (THIRD.test(front)) start = behindGap(text, closingQuote(text, start, text[start - 1]!, slashes));
      else if (!isNamed && !SECOND.test(front)) return undefined;
      if (start === -1) return undefined;
      const close = closingQuote(text, start, text[start - 1]!, slashes);
      // A rule or a label of a field.
      if (isNamed && close - start < NAME_MAX && isLabel(text.slice(start, close), text.slice(open + 1, end)))
        return undefined;
      return spanOf(text, start, close);
    },
  };

  /** Whether what is typed goes into a field whose selector is a secret's name. */
  function isTyped(text: string, index: number): boolean {
    const front = text.slice(Math.max(0, index - FIELD_MAX), index);
    const name = FIELD.exec(front.slice(0, front.lastIndexOf(".")))?.[2];
    return name !== undefined && keys.ofText(name) !== undefined;
  }
}

/** Behind the quote of the next argument in quotes; -1 where none follows. */
function behindGap(text: string, end: number): number {
  const gap = GAP.exec(text.slice(end, end + 24))?.[0].length;
  return gap === undefined ? -1 : end + gap;
}
