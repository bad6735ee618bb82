export async function GET() {
  throw new RangeError("no doughnuts");
}
