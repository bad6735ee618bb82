import { isAt } from "./chars.ts";
import { isGluable, readForm, type Step, TOKEN_FRONT, type TokenForm } from "./token-form.ts";
import { VENDORS } from "./vendors.ts";

export type TokenKind = "vendor" | "aws";

/** Forms that are found by the same trigger. */
export interface VendorPlace {
  /** The characters of a detector's trigger, one to four places; an empty text stands for {@link TOKEN_FRONT}. */
  readonly trigger: readonly string[];
  readonly forms: readonly PlacedForm[];
}

/** A form with the place by which it is found. */
export interface PlacedForm {
  readonly text: string;
  readonly kind: TokenKind;
  /** How far behind the anchor's start the trigger ends. */
  readonly triggerEnd: number;
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

/**
 * Where to look for the forms of the table. It follows from the table alone, so the build works it out: of this file
 * and the table only what this gives is packed, as JSON.
 */
export function vendorPlaces(): readonly VendorPlace[] {
  const found = new Map<string, { trigger: readonly string[]; forms: PlacedForm[] }>();
  const used = new Uint8Array(128 * 128);
  for (const { name, forms } of vendors()) {
    const kind = name === "AWS access key id" ? "aws" : "vendor";
    for (const text of forms) {
      const { trigger, triggerEnd } = prefixTrigger(text, used) ?? formTrigger(readForm(text));
      const key = trigger.join("|");
      let own = found.get(key);
      if (own === undefined) {
        own = { trigger, forms: [] };
        found.set(key, own);
      }
      own.forms.push({ text, kind, triggerEnd });
    }
  }
  return [...found.values()];
}

/** Three or four neighbouring characters, the last two of which are rare in other text; where they end in the anchor. */
interface Place {
  readonly trigger: readonly string[];
  readonly triggerEnd: number;
}

const ASCII: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const TRIGGER_MAX = 4;
// With what stands in front of a prefix this is enough to be seldom asked.
const TRIGGER_MIN = 3;

/** The place in a prefix of plain characters, as most forms have it, without reading the form. */
function prefixTrigger(form: string, used: Uint8Array): Place | undefined {
  const length = form.indexOf("<");
  const bracket = form.indexOf("[");
  if (length < TRIGGER_MIN - 1 || (bracket !== -1 && bracket < length)) return undefined;
  const bounded = !isGluable(form, length);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  // Of four characters fewer places are looked at than of two, whatever their pair.
  for (let end = Math.min(TRIGGER_MAX, length); end <= length; end++) {
    const pair = (form.charCodeAt(end - 2) << 7) | form.charCodeAt(end - 1);
    // One that is looked at anyway costs nothing.
    const cost = used[pair] === 1 ? 0 : pairCost(pair);
    if (cost >= least) continue;
    least = cost;
    best = end;
  }
  used[(form.charCodeAt(best - 2) << 7) | form.charCodeAt(best - 1)] = 1;
  const trigger = [...form.slice(Math.max(0, best - TRIGGER_MAX), best)];
  return { trigger: bounded && best < TRIGGER_MAX ? ["", ...trigger] : trigger, triggerEnd: best };
}

/** The place in any form: where the anchor is short, with what stands in front of it or behind. */
function formTrigger({ lead, anchor, rest, gluable }: TokenForm): Place {
  const missing = TRIGGER_MAX - anchor.length;
  // Also where the anchor is long enough: one of classes is met in any Base64.
  const before = gluable ? [] : [lead.length > 0 ? charactersOf(lead.at(-1)!) : ""];
  const behind: string[] = [];
  for (const step of missing > before.length ? rest : []) {
    behind.push(charactersOf(step));
    // Behind a run of several characters nobody knows where the next step stands.
    if (typeof step !== "string" && step.max !== 1) break;
  }
  const all = [...before, ...anchor, ...behind];
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let end = Math.min(TRIGGER_MIN, all.length); end <= all.length; end++) {
    const cost = costOf(all[end - 2]! || TOKEN_FRONT, all[end - 1]!);
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

// Neighbouring characters in log lines and requests, two by two, from the most frequent to the rarest.
const COMMON_PAIRS =
  "v1c_r_er: in00on10  .1ed11te200.reorle02st 126esse0 atd  sti12rossioenco-129keecdemeta239  2centtocaac" +
  "e  c:1 pid -t 1-n itamne173 .2om texar14 alige:0etpaadpl156-s 01 falveov:2r 221 ilNolo16 06 usct" +
  "ng193613si18:5ms25cke=ap:4ou:32137sh o53haan24rv56e. m08 She40.0-2 ueais r44emndmapo2 okagoc80di" +
  "09 iut7.odaiv as64ch0:288 llri d1.e--0d=/16:s: I45pecc1:50ue03ic47na5 - un2755/s.37 050643imrtoo" +
  "ppINra762:4 04 e3451the/3052fa48075.8681 C31prfouiy 3578bl59585:32414262au39mp46fi57Se3:38g T 49" +
  "gi=0549:up l33 /61ns944:3.e:63sy97o ab83ol688:ttel84qurd2.frni=17:8595eb7072ts9299obty917771ef98" +
  "lunoiebe69NFysFOO 9.cln:/579rn8296606.8775da74 b659373pi huls=rs67888.tr.et/890-90dournf.cm r: w" +
  "sgCo Aep nt=4.moaf66/pxat:f ddncopsusrvim_r.-aizso 3la//ETHTryotd-r/eveqnnof0xmi 5d:c0htnu Dpt-8" +
  "Ma:sze2-tp.spsfe.l.9os.t.7/2h  Row.6GEdu Ps.-4 4g=ho:/g.TTbava g-- U-9.5skspub.8r=.4=2avREr-tcn/" +
  "a2Stuc kffdfrrey-6.gcd-5-3griaums0ERgo G MKi Hhr/ct.:8rm 7lt 9ee-7s/dld__tv/ Wfb9-cryp1/c1 8p.f9" +
  "bu 6a59f7f/dhidregk hdp 5d/brcb9.a6dbf Lxpd/a1/uTPP/ivo:l=_rb6/tSTuxb5l 3ebc0a/hn=db_u6esatua.bb" +
  "0d-c9bvo1ec41c Nn.8dl/f3a78ccfeuscxtm./ix =aaad0 K=s8-2c7de5xid4";
// Ids in hexadecimal, with dashes or without, are in every line: any of their pairs may come.
const ID_CHARACTERS = "0123456789abcdef-";
// The rest are judged by their characters, from the most frequent to the rarest.
const COMMON_FIRST = " eatinorsldc_um0123456789hpgfbv.yw-k/:xTASCEIONRPDMLBUGFHWVjqzYKXJQZ";
const FALL = 0.95;
// Their logarithm to that base.
const SHARES = new Uint8Array(128).fill(COMMON_FIRST.length);
for (let i = 0; i < COMMON_FIRST.length; i++) SHARES[COMMON_FIRST.charCodeAt(i)] = i;
const KNOWN_COSTS = new Map<number, number>();
for (const first of ID_CHARACTERS) {
  for (const second of ID_CHARACTERS) setCost(first.charCodeAt(0), second.charCodeAt(0), 1 / 200);
}
for (let i = 0; i < COMMON_PAIRS.length; i += 2) {
  setCost(COMMON_PAIRS.charCodeAt(i), COMMON_PAIRS.charCodeAt(i + 1), 1 / (i + 20));
}

function setCost(first: number, second: number, cost: number): void {
  const pair = (first << 7) | second;
  KNOWN_COSTS.set(pair, Math.max(cost, KNOWN_COSTS.get(pair) ?? 0));
}

/** How often a scanner has to look at a pair, `(first << 7) | second`. */
function pairCost(pair: number): number {
  const byCharacters = FALL ** (SHARES[pair >> 7]! + SHARES[pair & 127]!) / COMMON_PAIRS.length;
  return Math.max(byCharacters, KNOWN_COSTS.get(pair) ?? 0);
}

/** How often a scanner has to look where two characters of these follow one another. */
function costOf(firsts: string, seconds: string): number {
  let cost = 0;
  for (let i = 0; i < firsts.length; i++) {
    const row = firsts.charCodeAt(i) << 7;
    for (let k = 0; k < seconds.length; k++) cost += pairCost(row | seconds.charCodeAt(k));
  }
  return cost;
}
