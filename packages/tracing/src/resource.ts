import { arch, hostname } from "node:os";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { ResolvedOptions } from "./options.ts";

/** Who sends the spans: the service, this instance, host and process; never its command line or user. */
export function createResource(options: ResolvedOptions): Resource {
  return resourceFromAttributes({
    "host.arch": arch(),
    "host.name": hostname(),
    "process.pid": process.pid,
    "process.runtime.name": "nodejs",
    "process.runtime.version": process.versions.node,
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.name": "opentelemetry",
    ...options.resource,
    "service.name": options.service,
    "service.instance.id": options.instance,
    ...(options.version === null ? {} : { "service.version": options.version }),
  });
}
