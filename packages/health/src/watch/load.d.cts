import type * as redaction from "@whodunit/redaction" with { "resolution-mode": "import" };

/** What removes secrets from texts. */
export declare function loadRedaction(): typeof redaction;
