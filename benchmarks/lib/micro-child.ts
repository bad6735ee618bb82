import { type Micro, measure, measureTogether, type Sample } from "./micro.ts";

// Started by drive.ts: node micro-child.ts <file> <variant…>, prints a Sample of each as JSON.
const [, , file = "", ...names] = process.argv;
const { micro } = (await import(file)) as { micro: Micro };
const variants = [];
for (const name of names) {
  const make = micro.variants[name];
  if (make === undefined) throw new Error(`${file} has no variant "${name}"`);
  variants.push(await make());
}
const [first] = variants;
if (first === undefined) throw new Error(`${file}: no variant was named`);
const samples: Sample[] = variants.length === 1 ? [await measure(first)] : await measureTogether(variants);
process.stderr.write(`${JSON.stringify(samples)}\n`, () => process.exit(0));
