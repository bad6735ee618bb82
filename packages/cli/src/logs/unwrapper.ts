import { MAX_LINE_BYTES } from "./line-splitter.ts";

// Kubernetes' CRI: time, stream, F for a full line or P for a part of one, then the line.
const CRI = /^(\S+) (stdout|stderr) ([FP])(?::\S*)? /;

/**
 * Takes container runtimes' wrapping off lines: Docker's JSON, Kubernetes' CRI, and any text before the JSON
 * (`docker compose logs`, `kubectl logs --prefix`, journald). Parts of a line that a runtime cut are joined.
 */
export class Unwrapper {
  readonly #parts = new Map<string, string>();

  /** The line within, null while there are parts to come. */
  unwrap(line: string): string | null {
    if (line.startsWith('{"log":"')) return this.#unwrapDocker(line);
    if (line.startsWith("{")) return line;
    const cri = CRI.exec(line);
    if (cri !== null) return this.#join(cri[2]!, line.slice(cri[0].length), cri[3] === "F");
    const start = line.indexOf('{"');
    return start < 0 ? line : line.slice(start);
  }

  /** The number of lines of which only parts came. */
  get unfinished(): number {
    return this.#parts.size;
  }

  #unwrapDocker(line: string): string | null {
    const { log, stream } = parse(line);
    if (typeof log !== "string") return line;
    // Docker cuts lines at 16 KB; only the last part ends in a line end.
    const end = log.endsWith("\n");
    return this.#join(String(stream), end ? log.slice(0, -1) : log, end);
  }

  #join(stream: string, part: string, end: boolean): string | null {
    const before = this.#parts.get(stream) ?? "";
    const whole = before.length < MAX_LINE_BYTES ? before + part : before;
    if (!end) {
      this.#parts.set(stream, whole);
      return null;
    }
    this.#parts.delete(stream);
    return whole;
  }
}

function parse(line: string): { log?: unknown; stream?: unknown } {
  try {
    return JSON.parse(line);
  } catch {
    return {}; // Cut: handed on as it is, to be counted as skipped.
  }
}
