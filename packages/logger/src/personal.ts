/** A value that somebody declared to be personal: the serialiser hides it, whatever its key and value. */
export class Personal {
  /** What it is: a kind of redaction. */
  readonly kind: string;
  readonly value: unknown;

  constructor(kind: string, value: unknown) {
    this.kind = kind;
    this.value = value;
  }
}
