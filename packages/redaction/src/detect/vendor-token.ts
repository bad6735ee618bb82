import { awsSecretsBeside } from "./aws-secret.ts";
import type { Detector, Span, Trigger } from "./detector.ts";
import { readForm, TOKEN_FRONT, type TokenForm, tokenAt } from "./token-form.ts";
import { type PlacedForm, type TokenKind, type VendorPlace, vendorPlaces } from "./vendor-places.ts";

/** Tokens that are known by their form: those of vendors (`vendor`) and AWS access key ids (`aws`). */
export function vendorTokens(kind: TokenKind): Detector[] {
  places ??= vendorPlaces();
  const detectors: Detector[] = [];
  for (const { trigger, forms } of places) {
    const own = forms.filter((form) => form.kind === kind);
    if (own.length > 0) detectors.push(new VendorToken(trigger, own));
  }
  return detectors;
}

// Read once, and only where a redactor is made.
let places: readonly VendorPlace[] | undefined;

// A class, and what it has of them worked out when asked for: there are hundreds, and few of them are ever met.
class VendorToken implements Detector {
  readonly checksTrigger = true;
  readonly #trigger: readonly string[];
  readonly #forms: readonly PlacedForm[];
  #read: TokenForm[] | undefined;

  constructor(trigger: readonly string[], forms: readonly PlacedForm[]) {
    this.#trigger = trigger;
    this.#forms = forms;
  }

  get triggers(): Trigger[] {
    return [this.#trigger.map((characters) => characters || TOKEN_FRONT)];
  }

  find(text: string, index: number): Span | undefined {
    const forms = this.#forms;
    this.#read ??= forms.map(({ text: form }) => readForm(form));
    for (let i = 0; i < forms.length; i++) {
      const { kind, triggerEnd } = forms[i]!;
      const found = tokenAt(text, index + 1 - triggerEnd, this.#read[i]!);
      if (found === undefined) continue;
      const span = { start: found[0], end: found[1], kind };
      return kind === "aws" ? withAwsSecret(text, span) : span;
    }
    return undefined;
  }
}

function withAwsSecret(text: string, id: Span): Span {
  const [first, ...rest] = [id, ...awsSecretsBeside(text, id)].sort((a, b) => a.start - b.start);
  return { ...first!, rest };
}
