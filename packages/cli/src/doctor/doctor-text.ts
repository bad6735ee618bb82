import { printable } from "../terminal/safe-text.ts";
import type { Paint } from "../terminal/terminal.ts";
import type { Examined } from "./findings.ts";

const AREA_WIDTH = 9;

/** Each service with what is set up and what is not, and below that the line to change. */
export function renderFindings(examined: readonly Examined[], paint: Paint): string {
  const parts = examined.map(({ url, service, findings }) => {
    const heading = service === null ? printable(url) : `${printable(service)}  ${printable(url)}`;
    const lines = findings.flatMap(({ area, ok, says, fix }) => [
      `  ${paint(ok ? "green" : "red", ok ? "ok" : "no")}  ${area.padEnd(AREA_WIDTH)}  ${printable(says)}`,
      ...(fix === null ? [] : [`${" ".repeat(AREA_WIDTH + 8)}${paint("dim", `→ ${printable(fix)}`)}`]),
    ]);
    return [paint("bold", heading), ...lines].join("\n");
  });
  const missing = examined.flatMap(({ findings }) => findings.filter(({ ok }) => !ok)).length;
  const end = missing === 0 ? "All is set up." : `${missing} to mend.`;
  return `${parts.join("\n\n")}\n\n${end}\n`;
}
