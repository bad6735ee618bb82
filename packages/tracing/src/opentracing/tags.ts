import { type Attributes, type AttributeValue, SpanKind } from "@opentelemetry/api";

/** Tags and log fields as OpenTracing takes them: any value. */
export type Tags = Readonly<Record<string, unknown>>;

const JSON_MAX_LENGTH = 8_192;

const KINDS: Readonly<Record<string, SpanKind>> = {
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** The kind a `span.kind` tag stands for (OpenTracing semantic conventions 1.1). */
export function kindOf(tags: Tags | undefined): SpanKind {
  return KINDS[String(tags?.["span.kind"])] ?? SpanKind.INTERNAL;
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

/** Tags as attributes; those that cannot be shown are left out. */
export function toAttributes(tags: Tags | undefined): Attributes {
  const attributes: Attributes = {};
  for (const key in tags) {
    const value = toAttribute(tags[key]);
    if (value !== undefined) attributes[key] = value;
  }
  return attributes;
}

function objectAttribute(value: object): AttributeValue | undefined {
  if (Array.isArray(value)) {
    const [first] = value;
    const kind = typeof first;
    if (kind === "string" || kind === "number" || kind === "boolean") {
      if (value.every((item) => typeof item === kind)) return [...value];
    }
  }
  try {
    // A Date becomes its ISO time, as in JSON, without the quotes.
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Error) return value.message;
    return JSON.stringify(value)?.slice(0, JSON_MAX_LENGTH);
  } catch {
    // Cycles, bigints inside, a throwing toJSON: say of what kind it was.
    return Object.prototype.toString.call(value);
  }
}
