import { type Micro, measure } from "./micro.ts";

// Started by drive.ts: node micro-child.ts <file> <variant>, prints one Sample as JSON.
const [, , file = "", name = ""] = process.argv;
const { micro } = (await import(file)) as { micro: Micro };
const make = micro.variants[name];
if (make === undefined) throw new Error(`${file} has no variant "${name}"`);
const sample = await measure(await make());
process.stderr.write(`${JSON.stringify(sample)}\n`, () => process.exit(0));
