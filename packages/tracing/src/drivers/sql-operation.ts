import type { Attributes } from "@opentelemetry/api";
import type { Statement } from "./sql.ts";

/** The name of the operation that a statement is: its summary, or `otherwise` where there is none. */
export function nameOf(statement: Statement, otherwise: string): string {
  return statement.summary || otherwise;
}

/** Adds what is told of a statement to the attributes of an operation. */
export function describeStatement(attributes: Attributes, statement: Statement | undefined): Attributes {
  if (statement === undefined) return attributes;
  attributes["db.query.text"] = statement.text;
  if (statement.summary !== "") attributes["db.query.summary"] = statement.summary;
  if (statement.operation !== "") attributes["db.operation.name"] = statement.operation;
  if (statement.collection !== undefined) attributes["db.collection.name"] = statement.collection;
  return attributes;
}
