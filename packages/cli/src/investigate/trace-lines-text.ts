import { jsonText, printable } from "../terminal/safe-text.ts";
import type { TraceLine } from "./trace-lines.ts";

const MAX_SHOWN = 8;
const MAX_WIDTH = 160;

/** The lines of the failing trace, those that ask for attention before others where not all fit. */
export function renderTraceLines(lines: readonly TraceLine[]): string {
  const failed = lines.filter(({ level }) => /^(?:warn|err|fatal|crit)/.test(level));
  const shown = new Set([...failed, ...lines].slice(0, Math.max(MAX_SHOWN, 1)));
  const texts = lines.filter((line) => shown.has(line)).map((line) => `  ${textOf(line)}`);
  const rest = lines.length - texts.length;
  return ["Lines of the trace:", ...texts, ...(rest > 0 ? [`  and ${rest} more`] : [])].join("\n");
}

function textOf({ timeMs, service, level, text, fields }: TraceLine): string {
  const time = new Date(timeMs).toISOString().slice(11, 23);
  const more = Object.keys(fields).length > 0 ? `  ${jsonText(fields)}` : "";
  const whole = printable(`${time}  ${level.padEnd(5)}  ${service}  ${text}${more}`);
  return whole.length > MAX_WIDTH ? `${whole.slice(0, MAX_WIDTH - 1)}…` : whole;
}
