import { type Attributes, type AttributeValue, SpanKind } from "@opentelemetry/api";

/** Tags and log fields as OpenTracing takes them: any value. */
export type Tags = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<string, SpanKind>> = {
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** The kind a `span.kind` tag stands for (OpenTracing semantic conventions 1.1). */
export function kindOf(tag: unknown): SpanKind | undefined {
  return typeof tag === "string" && Object.hasOwn(KINDS, tag) ? KINDS[tag] : undefined;
}

/** What an `error` tag says; undefined when it says neither true nor false. */
export function errorTag(value: unknown): boolean | undefined {
  if (value === true || value === "true" || value === 1) return true;
  return value === false || value === "false" || value === 0 ? false : undefined;
}

/**
 * A tag as an attribute can hold it: primitives and arrays of one kind of them as they are, other objects
 * as JSON; undefined for what cannot be shown.
 */
export function toAttribute(value: unknown): AttributeValue | undefined {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? undefined : objectAttribute(value);
    default:
      return undefined;
  }
}

/** Tags as attributes; those that cannot be shown or read are left out. Never throws. */
export function toAttributes(tags: Tags | undefined): Attributes {
  const attributes: Attributes = {};
  try {
    for (const key in tags) {
      const value = tagOf(tags, key);
      if (value !== undefined) attributes[key] = value;
    }
  } catch {
    // A Proxy of the service's own does not let its keys be seen.
  }
  return attributes;
}

function tagOf(tags: Tags, key: string): AttributeValue | undefined {
  try {
    return toAttribute(tags[key]);
  } catch {
    // A getter of the service's own threw.
    return undefined;
  }
}

function objectAttribute(value: object): AttributeValue | undefined {
  try {
    if (Array.isArray(value)) {
      const [first] = value;
      const kind = typeof first;
      if (kind === "string" || kind === "number" || kind === "boolean") {
        if (value.every((item) => typeof item === kind)) return [...value];
      }
    }
    // A Date becomes its ISO time, as in JSON, without the quotes.
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Error) return value.message;
    return JSON.stringify(value);
  } catch {
    // Cycles, bigints inside, a throwing toJSON or Proxy: that there was one is all that can be said.
    return "[object Object]";
  }
}
