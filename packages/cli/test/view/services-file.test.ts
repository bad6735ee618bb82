import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readServicesFile } from "../../src/view/lines/services-file.ts";
import { whodunit } from "../helpers/command.ts";

function folderOf(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "whodunit-services-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("whodunit view --services runs the services of a file, each in its folder and with its variables", async (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, "api"));
  const file = join(folder, "services.json");
  const say =
    "console.log(process.env.OTEL_SERVICE_NAME, process.env.MORE, process.cwd(), process.env.OTEL_EXPORTER_OTLP_ENDPOINT)";
  writeFileSync(
    file,
    JSON.stringify({
      services: {
        web: { command: [process.execPath, "-e", say] },
        api: {
          command: [process.execPath, "-e", `${say}; process.exitCode = 7`],
          cwd: "api",
          env: { MORE: "more" },
        },
      },
    }),
  );
  const { code, stdout } = await whodunit(["view", "--port", "0", "--services", file]);
  const said = stdout.split("\n").filter(Boolean).sort();
  assert.match(said[0] ?? "", new RegExp(`^api more ${join(folder, "api")} http://127\\.0\\.0\\.1:\\d+$`));
  assert.match(said[1] ?? "", new RegExp(`^web undefined ${folder} http://127\\.0\\.0\\.1:\\d+$`));
  assert.equal(code, 7);
});

test("docs/view.md shows a file of services that is taken", (t) => {
  const page = readFileSync(new URL("../../../../docs/view.md", import.meta.url), "utf8");
  const file = join(folderOf(t), "services.json");
  writeFileSync(file, /^```json\n(.*?)^```$/ms.exec(page)?.[1] ?? "");
  assert.deepEqual(
    readServicesFile(file).map(({ name }) => name),
    ["web", "api"],
  );
});

test("readServicesFile() takes a command as words, and says what is wrong and where", (t) => {
  const folder = folderOf(t);
  const file = join(folder, "services.json");
  const read = (content: string): unknown => {
    writeFileSync(file, content);
    return readServicesFile(file);
  };
  assert.deepEqual(read('{"services":{"web":"npm  run dev"}}'), [
    { name: "web", words: ["npm", "run", "dev"], cwd: folder, env: {} },
  ]);
  const wrong: Readonly<Record<string, RegExp>> = {
    "{": /^cannot read services from .*services\.json: /,
    "{}": /"services" is missing, want an object of one service or more, by name$/,
    '{"services":{}}': /"services" is \{\}, want/,
    '{"services":{"web":5}}': /"command" of "web" is 5, want words such as "npm run dev"/,
    '{"services":{"web":"a && b"}}': /"command" of "web" is "a && b", want words/,
    '{"services":{"web":{"command":[]}}}': /"command" of "web" is \[\], want/,
    '{"services":{"web":{"command":"a","cwd":5}}}': /"cwd" of "web" is 5, want a folder$/,
    '{"services":{"web":{"command":"a","env":{"PORT":3000}}}}':
      /"env" of "web" is \{"PORT":3000\}, want an object of texts$/,
    '{"services":{"web":{"comand":"a"}}}': /"comand" of "web" is unknown, want one of command, cwd, env$/,
  };
  for (const [content, said] of Object.entries(wrong))
    assert.throws(() => read(content), { message: said }, content);
  assert.throws(
    () => readServicesFile(join(folder, "none.json")),
    /cannot read services from .*none\.json: ENOENT/,
  );
});
