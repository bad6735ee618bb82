import type { Ajv, ErrorObject, ValidateFunction } from "ajv";
import { requireInstalled } from "../optional-package.ts";
import type { EventDefinition, FieldSchema } from "./schema.ts";

/** Says what is wrong with the fields of an event, in words that hold no value; `undefined` when nothing is. */
export type Validator = (fields: object) => string | undefined;

let ajv: Ajv | undefined;

/**
 * Checks the schema of an event's fields, and compiles it when the event happens first: that takes milliseconds.
 * The first one loads ajv, so production never does.
 *
 * @throws TypeError where the conditions are no JSON Schema, as in `minimum: "3"`
 */
export function createValidator(event: string, definition: EventDefinition): Validator {
  const { fields = {}, required = [] } = definition;
  const schema = closed({ type: "object", properties: { err: {}, ...fields }, required });
  ajv ??= createAjv();
  const shared = ajv;
  if (!shared.validateSchema(schema)) {
    throw new TypeError(`defineEvents "${event}": ${faultText(shared.errors?.[0])} in its JSON Schema`);
  }
  let validate: ValidateFunction | undefined;
  return (values) => {
    validate ??= shared.compile(schema);
    return validate(values) ? undefined : faultText(validate.errors?.[0]);
  };
}

function createAjv(): Ajv {
  const { Ajv } = requireInstalled("ajv") as typeof import("ajv");
  // A format is for the reader, as it is by default in JSON Schema 2020-12 (section 7.2.1).
  const made = new Ajv({ allowUnionTypes: true, validateFormats: false });
  made.addKeyword("pii");
  return made;
}

// An object has the declared properties and no others, unless its schema says so.
function closed(schema: FieldSchema): object {
  const { items, properties } = schema;
  if (items === undefined && properties === undefined) return schema;
  const closedProperties = Object.entries(properties ?? {}).map(([name, part]) => [name, closed(part)]);
  return {
    ...schema,
    ...(items && { items: closed(items) }),
    ...(properties && { additionalProperties: false, properties: Object.fromEntries(closedProperties) }),
    ...(schema.additionalProperties && { additionalProperties: true }),
  };
}

function faultText(error: ErrorObject | undefined): string {
  const { instancePath = "", keyword = "", message = "does not fit", params = {} } = error ?? {};
  const at = (name = "") => {
    const path = [...instancePath.split("/").slice(1), name].filter((part) => part !== "");
    return `field "${path.join(".").replaceAll("~1", "/").replaceAll("~0", "~")}"`;
  };
  switch (keyword) {
    case "additionalProperties":
      return `${at(params.additionalProperty)} is not declared`;
    case "required":
      return `${at(params.missingProperty)} is missing`;
    case "enum":
      return `${at()} must be one of ${JSON.stringify(params.allowedValues)}`;
    case "const":
      return `${at()} must be ${JSON.stringify(params.allowedValue)}`;
    default:
      return `${at()} ${message}`;
  }
}
