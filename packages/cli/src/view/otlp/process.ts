import { type Fields, inside, readAttributes } from "./fields.ts";

/** Who sent something, as its resource tells. */
export interface ProcessSeen {
  readonly service: string;
  /** Empty where it tells none. */
  readonly version: string;
  /** Empty where it tells none. */
  readonly instance: string;
}

/** Reads who sent what stands below a resource. */
export function readProcess(owner: Fields): ProcessSeen {
  const attributes = inside(owner, "resource", readAttributes) ?? {};
  const text = (name: string): string => {
    const value = attributes[name];
    return typeof value === "string" ? value : "";
  };
  return {
    service: text("service.name") || "unknown_service",
    version: text("service.version"),
    instance: text("service.instance.id"),
  };
}
