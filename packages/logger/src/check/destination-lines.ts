const SHOWN_MAX = 60;
// Characters of one to four bytes, and what JSON escapes.
const ALPHABET = 'abc 0123 äß €✓ 😀 \\" \\n \\u0001 ';

/** The line number `n`, like those of a logger, of about `length` characters. */
export function checkLine(n: number, length: number): string {
  const head = `{"level":"debug","time":"2026-11-20T08:47:41.960Z","msg":"check-line","service":"check","n":${n}`;
  const text = ALPHABET.repeat(Math.max(1, Math.ceil((length - head.length) / ALPHABET.length)));
  return `${head},"text":"${text}"}\n`;
}

/** `count` lines, most of them short, some of 64 KB. */
export function checkLines(count: number): string[] {
  return Array.from({ length: count }, (_, n) => checkLine(n, n % 40 === 7 ? 65_000 : (n % 13) * 40));
}

/** What is wrong with what came out of what was sent; undefined when nothing is. */
export function faultIn(
  sent: readonly string[],
  received: string,
  missing?: "may be missing",
): string | undefined {
  const numbers = new Map(sent.map((line, n) => [line, n]));
  const seen = new Set<number>();
  let last = -1;
  for (const line of received === "" ? [] : received.split(/(?<=\n)/)) {
    const n = numbers.get(line);
    if (n === undefined) return `a line came out changed or in pieces: ${shown(line)}`;
    if (seen.has(n)) return `line ${n} came out twice`;
    if (n < last) return `line ${n} came out after line ${last}`;
    seen.add(n);
    last = n;
  }
  if (missing !== undefined || seen.size === sent.length) return undefined;
  return `${sent.length - seen.size} of ${sent.length} lines did not come out, the first is line ${sent.findIndex((_, n) => !seen.has(n))}`;
}

function shown(line: string): string {
  return JSON.stringify(line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line);
}
