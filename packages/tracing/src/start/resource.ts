import { arch, hostname, platform, release } from "node:os";
import type { Detector } from "./detectors.ts";
import type { ResolvedOptions } from "./options.ts";

const DETECT: Readonly<Record<Detector, () => Readonly<Record<string, string | number>>>> = {
  host: () => ({ "host.arch": arch(), "host.name": hostname() }),
  os: () => ({ "os.type": platform() === "win32" ? "windows" : platform(), "os.version": release() }),
  // Neither the command line, which holds secrets, nor the user.
  process: () => ({
    "process.pid": process.pid,
    "process.runtime.name": "nodejs",
    "process.runtime.version": process.versions.node,
  }),
};

/** What is told of who sends, beside every batch of spans. */
export type ResourceAttributes = Readonly<Record<string, string | number>>;

/** Who sends the spans: the service, this instance, host and process; never its command line or user. */
export function resourceAttributesOf(options: ResolvedOptions): ResourceAttributes {
  return {
    ...Object.assign({}, ...options.detectors.map((part) => DETECT[part]())),
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.name": "opentelemetry",
    ...options.resource,
    "service.name": options.service,
    "service.instance.id": options.instance,
    ...(options.version === null ? {} : { "service.version": options.version }),
  };
}
