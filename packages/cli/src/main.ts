#!/usr/bin/env node
// Nothing is imported before this is known: an older Node may not even be able to read the program.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
  process.stderr.write(`whodunit needs Node 22.16 or newer, this is ${process.version}\n`);
  process.exit(2);
}

// A reader that has seen enough, such as `| head`, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const { run } = await import("./program.ts");
process.exitCode = await run(process.argv.slice(2));
