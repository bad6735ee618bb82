import { keyFile, readOrMakeKey } from "../../src/index.ts";

// Waits for its parent, so that many begin at once, then says which key it has, or why it has none.
process.stdout.write("ready\n");
process.stdin.once("data", async () => {
  const said = await readOrMakeKey(keyFile() as string).then(
    (key) => key.toString("hex"),
    (error: Error) => error.message,
  );
  process.stdout.write(`${said}\n`);
  process.exit(0);
});
