import { run } from "node:test";
import { spec } from "node:test/reporters";

/**
 * Runs these tests' files in this order, so many at once: `node scripts/test-in-order.ts 4 <file…>`. `node --test` does the same
 * by their names. Each file gets the options that Node was given here.
 */
const [concurrency, ...files] = process.argv.slice(2);

run({ files, concurrency: Number(concurrency) })
  .on("test:fail", ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
