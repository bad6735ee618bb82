import { createRedactor, type Redactor } from "@whodunit/redaction";

/** What takes secrets out of all that is sent or kept: alerts and services may hold what nobody should read in a chat. */
export const redactor: Redactor = createRedactor();
