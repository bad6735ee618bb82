import { ALNUM, isAt } from "./chars.ts";
import type { Detector } from "./detector.ts";
import { isGluable, readForm, type Step, type TokenForm, tokenAt } from "./token-form.ts";
import { VENDORS } from "./vendors.ts";

type TokenKind = "vendor" | "aws";

/** A form with the place by which it is found. */
interface PlacedForm {
  readonly text: string;
  readonly kind: TokenKind;
  /** How far behind the anchor's start the trigger ends. */
  readonly triggerEnd: number;
  /** Read where its trigger is first met: there are hundreds, and few of them ever are. */
  form: TokenForm | undefined;
}

/** Forms that are found by the same trigger. */
interface Triggered {
  readonly trigger: readonly string[];
  readonly forms: PlacedForm[];
}

/** A row of the table of vendors. */
export interface Vendor {
  readonly name: string;
  readonly forms: readonly string[];
  /** A token; `…` stands for the prefix of the first form, so that no scanner of sources takes it for a real one. */
  readonly example: string;
  /** What looks like a token, and is none. */
  readonly counterexample: string;
  /** The vendor's documentation, or the rule of a public secret scanner. */
  readonly source: string;
}

/** The rows of the table. */
export function vendors(): Vendor[] {
  return VENDORS.trim()
    .split("\n")
    .map((row) => {
      const [name, forms, example, counterexample, source] = row.split(" | ");
      return {
        name: name!,
        forms: forms!.split(" "),
        example: example!,
        counterexample: counterexample!,
        source: source!,
      };
    });
}

/** Tokens that are known by their form: those of vendors (`vendor`) and AWS access key ids (`aws`). */
export function vendorTokens(kind: TokenKind): Detector[] {
  placed ??= placeForms();
  return placed.flatMap(({ trigger, forms }) => {
    const own = forms.filter((form) => form.kind === kind);
    return own.length === 0 ? [] : [detectorFor(trigger, own)];
  });
}

// Made once, and only where a redactor is made: the table is long.
let placed: readonly Triggered[] | undefined;

function detectorFor(trigger: readonly string[], forms: readonly PlacedForm[]): Detector {
  return {
    triggers: [trigger],
    checksTrigger: true,
    find(text, index) {
      for (let i = 0; i < forms.length; i++) {
        const placed = forms[i]!;
        placed.form ??= readForm(placed.text);
        const found = tokenAt(text, index + 1 - placed.triggerEnd, placed.form);
        if (found !== undefined) return { start: found[0], end: found[1], kind: placed.kind };
      }
      return undefined;
    },
  };
}

function placeForms(): Triggered[] {
  const found = new Map<string, Triggered>();
  for (const { name, forms } of vendors()) {
    const kind = name === "AWS access key id" ? "aws" : "vendor";
    for (const text of forms) {
      const { trigger, triggerEnd } = prefixTrigger(text) ?? formTrigger(readForm(text));
      const key = trigger.join("");
      let own = found.get(key);
      if (own === undefined) {
        own = { trigger, forms: [] };
        found.set(key, own);
      }
      own.forms.push({ text, kind, triggerEnd, form: undefined });
    }
  }
  return [...found.values()];
}

/** Four neighbouring characters, the last two of which are rare in other text, and where they end in the anchor. */
interface Place {
  readonly trigger: readonly string[];
  readonly triggerEnd: number;
}

const ASCII: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
// In front of a token there is no letter or digit, or one that ends an escape; 127 stands for all beyond ASCII.
const BOUNDARY: string = ASCII.filter((c) => !isAt(c, 0, ALNUM) || "bfnrtm".includes(c)).join("");
const TRIGGER_MAX = 4;

/** The place in a prefix of plain characters, as most forms have it, without reading the form. */
function prefixTrigger(form: string): Place | undefined {
  const length = form.indexOf("<");
  const bracket = form.indexOf("[");
  if (length < TRIGGER_MAX - 1 || (bracket !== -1 && bracket < length)) return undefined;
  const bounded = !isGluable(form, length);
  if (!bounded && length < TRIGGER_MAX) return undefined;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let end = bounded ? TRIGGER_MAX - 1 : TRIGGER_MAX; end <= length; end++) {
    const cost = FREQUENCIES[form.charCodeAt(end - 2)]! * FREQUENCIES[form.charCodeAt(end - 1)]!;
    if (cost >= least) continue;
    least = cost;
    best = end;
  }
  const trigger = [...form.slice(Math.max(0, best - TRIGGER_MAX), best)];
  return { trigger: best < TRIGGER_MAX ? [BOUNDARY, ...trigger] : trigger, triggerEnd: best };
}

/** The place in any form: where the anchor is short, with what stands in front of it or behind. */
function formTrigger({ lead, anchor, rest, gluable }: TokenForm): Place {
  const missing = TRIGGER_MAX - anchor.length;
  const before = missing <= 0 || gluable ? [] : [lead.length > 0 ? charactersOf(lead.at(-1)!) : BOUNDARY];
  const behind = missing > before.length && rest.length > 0 ? [charactersOf(rest[0]!)] : [];
  const all = [...before, ...anchor, ...behind];
  const shares = all.map(shareOf);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let end = Math.min(TRIGGER_MAX, all.length); end <= all.length; end++) {
    const cost = shares[end - 2]! * shares[end - 1]!;
    if (cost >= least) continue;
    least = cost;
    best = end;
  }
  return {
    trigger: all.slice(Math.max(0, best - TRIGGER_MAX), best),
    triggerEnd: best - before.length,
  };
}

function charactersOf(step: Step): string {
  if (typeof step === "string") return step;
  const known = ofClasses.get(step.classes) ?? ASCII.filter((c) => isAt(c, 0, step.classes)).join("");
  ofClasses.set(step.classes, known);
  return known;
}

const ofClasses = new Map<number, string>();

// From the most frequent in log lines (ids, numbers, paths, words) to the rarest, roughly.
const COMMON_FIRST = ' 0123456789e-ab/cdf._tsoinrl,hu:mgypwkvxTAS=ECIO"RDPNMLGBFHUWYVKJXQZqjz';
const FALL = 0.93;

const FREQUENCIES: Float64Array = new Float64Array(128);
ASCII.forEach((character, code) => {
  const rank = COMMON_FIRST.indexOf(character);
  FREQUENCIES[code] = (1 - FALL) * FALL ** (rank === -1 ? COMMON_FIRST.length : rank);
});

/** How much of other text consists of these characters, roughly. */
function shareOf(characters: string): number {
  let share = 0;
  for (let i = 0; i < characters.length; i++) share += FREQUENCIES[characters.charCodeAt(i)]!;
  return share;
}
