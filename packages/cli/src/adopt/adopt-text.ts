import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { printable } from "../terminal/safe-text.ts";
import type { Paint } from "../terminal/terminal.ts";
import type { Change, Plan } from "./plan.ts";

/** A unified diff of all changes, as `git apply` and `patch -p1` take it. */
export function renderDiff(changes: readonly Change[], paint: Paint): string {
  return changes
    .map(({ path, before, after }) => {
      const old = before === null ? "/dev/null" : `a/${path}`;
      const patch = createTwoFilesPatch(old, `b/${path}`, before ?? "", after, undefined, undefined, {
        context: 3,
        headerOptions: FILE_HEADERS_ONLY,
      });
      return patch
        .split("\n")
        .map((line) => painted(withoutControls(line), paint))
        .join("\n");
    })
    .join("");
}

// A source may hold what a terminal obeys. Tabs and the ends of lines stay, so that the diff can be applied.
function withoutControls(line: string): string {
  return line.replace(/[^\t\r]+/g, (part) => (/[\p{Cc}\p{Cf}]/u.test(part) ? printable(part) : part));
}

function painted(line: string, paint: Paint): string {
  if (/^(?:---|\+\+\+) /.test(line)) return paint("bold", line);
  if (line.startsWith("+")) return paint("green", line);
  if (line.startsWith("-")) return paint("red", line);
  return line.startsWith("@@") ? paint("dim", line) : line;
}

/** What was found, and what is left to do. */
export function renderPlan(
  { changes, found, byHand, installs }: Plan,
  written: boolean,
  paint: Paint,
): string {
  const lines = [
    ...found.map((one) => `  ${paint("green", "ok")}  ${printable(one)}`),
    ...byHand.map((one) => `  ${paint("yellow", "→")}   ${printable(one)}`),
  ];
  const end =
    changes.length === 0
      ? "Nothing to add."
      : written
        ? `Written: ${changes.map(({ path }) => printable(path)).join(", ")}. Next: ${installs} install.`
        : "Nothing is changed. --write does it.";
  return `${[...lines, end].join("\n")}\n`;
}
