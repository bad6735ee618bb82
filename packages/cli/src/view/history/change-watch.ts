import type { Line } from "../line.ts";
import type { ProcessSeen } from "../otlp/process.ts";
import { shortName } from "../short-name.ts";
import type { ServiceChange } from "./history.ts";

const MAX_SERVICES = 1_000;
const MAX_REMEMBERED = 1_000;
const LEVEL_LINE = /(?:^|-)log-level-changed$/;
const REPORT_LINE = /(?:^|-)change-reported$/;

interface Known {
  version: string;
  readonly versions: Set<string>;
  readonly instances: Set<string>;
}

/** Finds out what was changed at services: by who sends, and by lines that tell of levels and of what was reported. */
export class ChangeWatch {
  readonly #services = new Map<string, Known>();
  #changes: ServiceChange[] = [];

  /** @param known what was written before, the earliest first */
  constructor(known: readonly ServiceChange[]) {
    for (const { service, kind, version, instance } of known)
      if (kind === "deploy" || kind === "start" || kind === "seen")
        this.#process({ service, version, instance });
  }

  /** A process that sends. */
  process(seen: ProcessSeen, atMs: number): void {
    const cut = {
      service: shortName(seen.service),
      version: shortName(seen.version),
      instance: shortName(seen.instance),
    };
    const change = this.#process(cut);
    if (change !== null) this.#changes.push({ atMs, ...cut, ...change });
  }

  /** A line that tells that a level was set or a change reported, or another. */
  line(line: Line): void {
    const told = changeOf(line);
    if (told === undefined) return;
    const { timeMs: atMs, service } = line;
    this.#changes.push({
      ...{ atMs, service: shortName(service), kind: told.kind, what: shortName(told.what) },
      ...{ version: "", instance: "" },
    });
  }

  /** What has changed since the last time. */
  take(): ServiceChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  #process({ service, version, instance }: ProcessSeen): Pick<ServiceChange, "kind" | "what"> | null {
    const known = this.#services.get(service);
    if (known === undefined) {
      if (this.#services.size >= MAX_SERVICES) return null;
      this.#services.set(service, { version, versions: new Set([version]), instances: new Set([instance]) });
      return { kind: "seen", what: version };
    }
    // Who tells no instance may be one that is known. Old processes that send beside the new change nothing.
    const isFresh = instance !== "" && !known.instances.has(instance);
    const isOther =
      version !== "" &&
      (isFresh ? known.version !== version : instance === "" && !known.versions.has(version));
    const isFirst = known.instances.size === 1 && known.instances.has("");
    if (isFresh || isOther) known.version = version || known.version;
    remember(known.versions, version);
    remember(known.instances, instance);
    if (isOther) return { kind: "deploy", what: `version ${version}` };
    if (!isFresh || isFirst) return null;
    return { kind: "start", what: version === "" ? "started" : `started, version ${version}` };
  }
}

function changeOf({ name, fields }: Line): Pick<ServiceChange, "kind" | "what"> | undefined {
  const { prefix, to, what } = fields;
  if (LEVEL_LINE.test(name) && typeof prefix === "string") {
    const whose = prefix === "" ? "all lines" : prefix;
    return { kind: "level", what: `level of ${whose}: ${typeof to === "string" ? to : "as configured"}` };
  }
  if (REPORT_LINE.test(name) && typeof what === "string") return { kind: "report", what };
  return undefined;
}

function remember(known: Set<string>, value: string): void {
  known.add(value);
  if (known.size > MAX_REMEMBERED) known.delete(known.values().next().value!);
}
