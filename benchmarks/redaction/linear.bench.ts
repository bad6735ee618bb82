import { createRedactor } from "@whodunit/redaction";
import { median, type Row } from "../lib/results.ts";

export const title = "adversarial text: 256 KB against 64 KB";
export const note =
  "Each text repeats what a detector looks for. The ratio is the time of 256 KB to that of 64 KB, 4 when linear; the value is the time of 64 KB.";

const KB = 1024;
const SEEDS = [
  "a",
  "1 ",
  "4111 ",
  "1-",
  "A",
  "AA11 ",
  "a@",
  "@",
  "a.",
  "a@a.",
  "://",
  "://a:b@",
  "eyJ",
  "_eyJ",
  ".eyJ",
  "-----BEGIN ",
  "--B",
  "Bearer ",
  "basic aaaaaaaa ",
  "token ",
  "AKIA",
  "ghp_",
  "sk-",
  "SG.",
  "+1",
  "+1 ",
  "DE89 ",
  "password",
  "password=",
  'password="',
  "pin=a,",
  "cookie: [Redacted] ",
  '"password":',
  '\\"password\\":\\"',
  "pin=[",
  "<password>",
  "password => ",
  "token: Bearer ",
  "'",
  "\\",
  '\\"',
  "{",
  "%41",
  "%25",
  "\\u0041",
  "d=",
  "::",
];

/** One row for the slowest texts. */
export async function measure(rounds: number): Promise<Row[]> {
  const { redactText } = createRedactor();
  const time = (text: string): number => {
    const start = performance.now();
    redactText(text);
    return performance.now() - start;
  };
  const rows = SEEDS.map((seed) => {
    const small = seed.repeat(Math.ceil((64 * KB) / seed.length)).slice(0, 64 * KB);
    const large = small.repeat(4);
    time(small);
    time(large);
    const pairs = Array.from({ length: rounds }, () => [time(small), time(large)] as const);
    const ratios = pairs.map(([a, b]) => b / a);
    const ms = median(pairs.map(([a]) => a));
    return {
      name: JSON.stringify(seed),
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)] as const,
      value: `${ms.toFixed(2)} ms`,
      note: "",
      ms,
    };
  });
  return rows.toSorted((a, b) => b.ms - a.ms).slice(0, 12);
}
