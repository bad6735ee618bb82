import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { detectorsFor } from "../../src/detect/detectors.ts";
import { createKeyRules } from "../../src/keys/key-rules.ts";
import { createScanner } from "../../src/scan/scanner.ts";
import { countSteps } from "../helpers/counted-text.ts";

const keys = createKeyRules({ keys: [], safeKeys: [], allowKeys: undefined, wants: () => true });
const isReplaced = (text: string, index: number): boolean => text.startsWith("[Redacted]", index);
const scanner = createScanner(
  detectorsFor(keys, () => true, isReplaced),
  { card: true, ssn: true, iban: true },
);

// What each detector looks at, over and over: where a careless pattern starts again at every character.
const SEEDS = [
  "a",
  "1",
  " ",
  "-",
  "A",
  "é",
  "1 ",
  "1-",
  "1234 ",
  "4111 ",
  "4111111111111111 ",
  "111111111111",
  "123-45-6789x",
  "a@",
  "@",
  "a.",
  "a@a.",
  "a@a.a.",
  "x@é.",
  "://",
  "://a:",
  "://a:b@",
  "://a/@",
  "@://",
  "http://a",
  "eyJ",
  "_eyJ",
  "-eyJ",
  ".eyJ",
  "eyJaaaaaaaaaa.",
  "eyJ.eyJ.",
  "eyJaaaaaaaaaa-_",
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY----",
  "-----BEGIN CERTIFICATE-----",
  "--B",
  "Bearer ",
  "Bearer a",
  "basic aaaaaaaa ",
  "basic ",
  "token ",
  'digest a="',
  "er ",
  "AKIA",
  "AKIAAAAA",
  "ghp_",
  "sk-",
  "sk-a",
  "SG.",
  "hooks.slack.com/services/",
  "_",
  "xoxb-a",
  "sk-ant-",
  "ghp_a",
  "pat-na1-",
  "_mmk",
  " -",
  " -p",
  "curl -u ",
  "mysql -p -u ",
  '"-p",',
  "AUTH ",
  'AUTH "',
  "requirepass ",
  " >",
  "USER a PASS ",
  "acl setuser >a ",
  "Key (pin)=(",
  "pin)=(",
  "row contains (",
  "values (",
  "(pin) values ('",
  "for key '",
  "for key 'pin' ",
  "identified by '",
  "identified by ",
  "password '",
  " = '",
  "dup key: { :",
  "value is (",
  '"value":',
  '"value":{',
  '"name":"pin","value":{',
  "value= ",
  "name=pin value=(",
  'name="pin"\n',
  '<a name="pin">',
  "pin: A {",
  "pin: A(",
  "pin: <A ",
  "pin: [A] {",
  "pin: 'a' +\n",
  "pin: \x1b[1m",
  '\\"pin\\":',
  "sid:",
  "PWD=/",
  ".atlasv1.",
  "1:AA",
  "NTIx.",
  "MTIx",
  "+ASt==",
  "NRAL",
  "-us1",
  "+1",
  "+1 ",
  "+1.",
  "+",
  "DE89 ",
  "DE89",
  "DE",
  "AA11 A",
  "A1",
  "1;1m@",
  "\\n@",
  "password",
  "--token ",
  '"x-token","',
  "'cookie',",
  '"pin","value',
  '"pin","value":',
  `"pin",${" ".repeat(40)}`,
  "--token -",
  "pin=a,",
  "pin=a,a,",
  "pin=(",
  "password=",
  "password:",
  'password="',
  "password='",
  "password=[Redacted] ",
  "cookie: [Redacted] ",
  "cookie: ",
  "authorization: null ",
  '"password":',
  '"password":"',
  '\\"password\\":\\"',
  '"password":{',
  '"pin":[',
  '"password":""',
  "<password>",
  "<password></password>",
  "<password><![CDATA[",
  "password => ",
  "user[password]=",
  "token: Bearer ",
  "pin=null ",
  "password   ",
  `password${" ".repeat(40)}`,
  `password${" ".repeat(31)}:`,
  `"pin"${" ".repeat(32)}:${" ".repeat(32)}`,
  "                                =",
  `password=ok${".".repeat(64)}`,
  `password:none${":".repeat(64)}`,
  "'",
  '"',
  "\\",
  '\\"',
  '\\\\"',
  "{",
  "[",
  '":',
  '"":',
  "=",
  ": ",
  "d=",
  "d :",
  "::",
  "1::",
  "1.",
  "a:",
];

const STEPS_PER_CHARACTER = 90;
const LENGTH = 8192;

for (const seed of SEEDS) {
  test(`the scan of ${JSON.stringify(seed)}, repeated, takes steps in proportion to its length`, () => {
    const text = seed.repeat(Math.ceil(LENGTH / seed.length)).slice(0, LENGTH);
    for (const candidate of [text, `${text.slice(0, -1)}!`, `password: ${text}`, `"${text}`]) {
      const counted = countSteps(candidate);
      scanner.spans(counted.text);
      const share = counted.steps() / candidate.length;
      assert.ok(share <= STEPS_PER_CHARACTER, `${share} steps a character`);
    }
  });
}

const LITERAL =
  /(?<=[=(,:?&|![] ?|^ *|return )\/(?![/*\s])((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+)\/[a-z]*/gm;

// Unbounded, and yet linear or short.
const REASONS: Readonly<Record<string, string>> = {
  "\\p{Lu}+(?!\\p{Ll})|\\p{Lu}?[\\p{Ll}\\p{M}\\d]+|\\p{Lo}+|\\p{Lu}":
    "a key, of which 128 characters are read",
  "[a-z]+": "the same key",
  "\\d+$": "a word of a key, or an IP address",
  "[.!:]+$": "a value of at most 64 characters",
  "\\s+": "a constant",
  "^[\\w+/-]+=*$": "no character is in both classes",
  "^[a-z0-9]+(?:-[a-z0-9]+)*$": "an option",
  "^(?:[*+]|\\{\\d+,\\})": "an option",
  "\\[[^\\]]*\\]": "an option",
};

test("every pattern in the source is bounded, starts once, or has a reason", () => {
  const folder = fileURLToPath(new URL("../../src/", import.meta.url));
  const patterns = globSync("**/*.ts", { cwd: folder }).flatMap((file) => {
    const source = readFileSync(folder + file, "utf8").replace(/^ *(?:\*|\/\/|\/\*).*$/gm, "");
    return [...source.matchAll(LITERAL)].map(([, pattern]) => pattern!);
  });
  assert.ok(patterns.length > 25, `${patterns.length} patterns`);
  for (const pattern of patterns) {
    const bare = pattern.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
    const unbounded = bare.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
    const startsOnce = pattern.startsWith("^") && unbounded === 1;
    assert.ok(unbounded === 0 || startsOnce || pattern in REASONS, pattern);
  }
});
