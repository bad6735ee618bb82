import type { KeyRules } from "../keys/key-rules.ts";
import type { Detector } from "./detector.ts";
import { closingQuote } from "./printed-value.ts";

const FRONT_MAX = 160;
const BEHIND_MAX = 160;
const NAME = String.raw`\\{0,8}["'\`]?([\w.$[\]-]{1,64})`;
// Joi: `"password" with value "x" fails …`
const NAME_IN_FRONT = new RegExp(
  String.raw`${NAME}\\{0,8}["'\`]? (?:with|had|has) (?:the )?value \\{0,8}$`,
  "i",
);
// Yup: `password must be a `number` type, but the final value was: `"x"`.`
const FINAL_VALUE = new RegExp(String.raw`${NAME}\\{0,8}["'\`]? must .{1,80} value was: \\{0,8}$`, "i");
// Mongoose: `Path `password` (`x`) is shorter …`
const PATH_IN_FRONT = /`([\w.$[\]-]{1,64})` \($/;
// Mongoose: `… failed for value "x" (type string) at path "pin"`; others: `invalid value "x" for field "pin"`
const NAME_BEHIND = new RegExp(
  String.raw`^\\{0,8}["'\`](?: \([^()]{0,48}\))?,? (?:at|for|of|in|on|to) (?:the )?` +
    "(?:(?:path|field|property|key|param|parameter|query|body|argument|option|header|attribute|column|variable|setting|input) )?" +
    // MySQL names the table, too: `db`.`users`.`pin`
    String.raw`(?:\\{0,8}["'\`]?\w{1,64}\\{0,8}["'\`]?\.(?=[\\"'\`])){0,2}` +
    NAME,
  "i",
);
// SQL Server: `… in table 'users', column 'pin'. Truncated value: 'x'.`
const TRUNCATED = new RegExp(String.raw`\bcolumn ${NAME}\\{0,8}["'\`]?\. Truncated value: \\{0,8}$`);
// Mongoose: ``x` is not a valid enum value for path `pin`.`
const ENUM = /`([^`]{1,256})` is not a valid enum value for path $/;

/** The value that a validator's message quotes, where the name beside it is a secret's. */
export function validatorText(
  keys: KeyRules,
  isReplaced: (text: string, index: number) => boolean,
): Detector {
  const quotes = "\"'`";
  return {
    triggers: [
      ["uU", "eE", " ", quotes],
      ["eE", ":", " ", quotes],
      ["eE", " ", "\\", quotes],
      ["`", " ", "(", "`"],
      ["s", ":", " ", "`"],
      ["t", "h", " ", "`"],
    ],
    find(text, index) {
      const front = text.slice(Math.max(0, index - FRONT_MAX), index);
      if (front.endsWith("th ")) return enumValue(text, index, front);
      let slashes = 0;
      while (text[index - 1 - slashes] === "\\" && slashes < 8) slashes++;
      const start = index + 1;
      const end = closingQuote(text, start, text[index]!, slashes);
      const name =
        PATH_IN_FRONT.exec(front) ??
        NAME_IN_FRONT.exec(front) ??
        FINAL_VALUE.exec(front) ??
        TRUNCATED.exec(front) ??
        (/\bvalue:? \\{0,8}$/i.test(front) ? NAME_BEHIND.exec(text.slice(end, end + BEHIND_MAX)) : null);
      const kind = name === null ? undefined : keys.ofText(name[1]!);
      if (kind === undefined || end === start || isReplaced(text, start)) return undefined;
      return { start, end, kind };
    },
  };

  function enumValue(text: string, index: number, front: string): ReturnType<Detector["find"]> {
    const value = ENUM.exec(front)?.[1];
    const name =
      value === undefined ? undefined : /^[\w.$[\]-]{1,64}/.exec(text.slice(index + 1, index + 65));
    const kind = name == null ? undefined : keys.ofText(name[0]);
    if (kind === undefined) return undefined;
    const end = index - "` is not a valid enum value for path ".length;
    const start = end - value!.length;
    return isReplaced(text, start) ? undefined : { start, end, kind };
  }
}
