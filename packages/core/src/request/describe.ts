import { currentRequest, type ObservedRequest } from "./observed-request.ts";

const FIELDS_MAX = 48;
const NAME_MAX = 128;

/**
 * Describes the request that the running code belongs to: `describeRequest({ tenant: "acme", plan: "pro" })`. The fields
 * stand on that request's end line and on its server span, redacted, and `whodunit investigate` compares the requests
 * that fail with those that do not by them. A field that is told again has its latest value; a request keeps 48, with
 * names of at most 128 characters. Outside a request, and after its end, it does nothing. Never throws.
 */
export function describeRequest(fields: Readonly<Record<string, unknown>>): void {
  const observed = currentRequest();
  if (observed === undefined || typeof fields !== "object" || fields === null) return;
  let names: readonly string[];
  try {
    names = Object.keys(fields);
  } catch {
    // A Proxy of the service's own does not let its keys be seen.
    return;
  }
  const before = observed.described?.length ?? 0;
  for (const name of names) addField(observed, name, fields, before);
}

/** @param before how much was told by earlier calls: names of one call differ */
function addField(
  observed: ObservedRequest,
  name: string,
  fields: Readonly<Record<string, unknown>>,
  before: number,
): void {
  let value: unknown;
  try {
    value = fields[name];
  } catch {
    // A getter of the service's own threw: the other fields are told all the same.
    return;
  }
  // Assigned to an object it would be no field but what the object inherits from.
  if (value === undefined || name === "__proto__") return;
  observed.described ??= [];
  const { described } = observed;
  const shown = name.length > NAME_MAX ? name.slice(0, NAME_MAX) : name;
  for (let i = 0; i < before; i += 2) {
    if (described[i] === shown) {
      described[i + 1] = value;
      return;
    }
  }
  if (described.length < 2 * FIELDS_MAX) described.push(shown, value);
}
