import { tellOperator } from "../../src/process/standard-stream.ts";

const count = Number(process.argv[2]);
for (let index = 0; index < count; index++) {
  tellOperator({
    level: "error",
    msg: "web-test-told",
    count: index,
    text: "\u009b2J\u001b[31m\u202e\u2028",
  });
}
process.stdout.write("done\n");
