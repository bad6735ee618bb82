import { checkDefinition } from "./definition-check.ts";
import { CataloguedEvent } from "./event.ts";
import type { EventDefinition, EventDefinitions } from "./schema.ts";
import type { CheckedDefinitions } from "./types.ts";
import { createValidator } from "./validator.ts";

/** The events a service logs. Make it with {@link defineEvents}, use it with `logger.withEvents`. */
export class EventCatalogue<Definitions> {
  /** As they were given to `defineEvents`: for documentation, and to be spread into another catalogue. */
  readonly definitions: Definitions;
  /** @internal Whether lines are checked against the catalogue, and what does not fit is told. */
  readonly checked: boolean;
  readonly #byScope = new Map<string, ReadonlyMap<string, CataloguedEvent>>();

  /** @internal */
  constructor(definitions: Definitions, events: ReadonlyMap<string, CataloguedEvent>, checked: boolean) {
    this.definitions = definitions;
    this.checked = checked;
    this.#byScope.set("", events);
  }

  /** @internal The events whose names begin with `scope`, by the rest of their names. */
  under(scope: string): ReadonlyMap<string, CataloguedEvent> {
    const known = this.#byScope.get(scope);
    if (known !== undefined) return known;
    const events = new Map<string, CataloguedEvent>();
    for (const [name, event] of this.#byScope.get("") ?? []) {
      if (name.startsWith(`${scope}-`)) events.set(name.slice(scope.length + 1), event);
    }
    // A scope made of values would be kept for ever, and names no event.
    if (events.size > 0) this.#byScope.set(scope, events);
    return events;
  }
}

/**
 * Defines the events a service logs: each one's level, description and fields. The compiler then checks names
 * and fields; in development and tests ajv checks the values; and a field that is not declared is never written.
 *
 * @throws TypeError when a definition is wrong: it names the event, the field and what is wanted
 * @example
 * const events = defineEvents({
 *   "purchase-fail-redeem": {
 *     level: "error",
 *     description: "A voucher could not be redeemed. Page the shop team.",
 *     fields: { AccountID: { type: "string" }, customer: { type: "string", pii: true } },
 *     required: ["AccountID"],
 *   },
 * });
 * const log = createLogger({ service: "api" }).withEvents(events);
 * log.error("purchase-fail-redeem", { AccountID: "5c522f9b", customer: "Ada" }); // customer: [Redacted]
 */
export function defineEvents<const Definitions extends EventDefinitions>(
  definitions: Definitions & CheckedDefinitions<Definitions>,
): EventCatalogue<Definitions> {
  const events = new Map<string, CataloguedEvent>();
  const { NODE_ENV } = process.env;
  const checked = NODE_ENV === "development" || NODE_ENV === "test";
  for (const [name, definition] of Object.entries<EventDefinition>(definitions)) {
    checkDefinition(name, definition);
    events.set(
      name,
      new CataloguedEvent(definition, checked ? createValidator(name, definition) : undefined),
    );
  }
  return new EventCatalogue<Definitions>(definitions, events, checked);
}
