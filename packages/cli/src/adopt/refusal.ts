/** What is not understood, with what to do by hand. Nothing has been changed. */
export class Refusal extends Error {
  readonly byHand: string;

  constructor(message: string, byHand: string) {
    super(message);
    this.name = "Refusal";
    this.byHand = byHand;
  }
}
