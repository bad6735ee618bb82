/** A value that somebody declared to be personal: a line hides it, whatever its key and value. */
export class PersonalValue {
  /** What it is: a kind of redaction. */
  readonly kind: string;
  readonly value: unknown;
  // In a proxy there is none: asking for it runs no code of the caller's.
  readonly #brand = true;

  constructor(kind: string, value: unknown) {
    this.kind = kind;
    this.value = value;
  }

  /** Whether an object is one. */
  static is(object: object): object is PersonalValue {
    return #brand in object;
  }
}
