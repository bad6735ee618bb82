import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findProgram } from "../../../../test/helpers/real-server.ts";
import { whodunit } from "../helpers/command.ts";

/** A shell: what a person who has typed each of these lines and presses Tab may choose from, in `folder`. */
type Complete = (script: string, folder: string, lines: readonly string[]) => string[][];

const run = (command: string, args: readonly string[], folder: string): string[] => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: folder, TERM: "dumb", LC_ALL: "C.UTF-8" },
  });
  assert.equal(status, 0, `${error} ${stdout} ${stderr}`);
  return stdout.split("\n").filter((line) => line !== "");
};

// What readline does: words as it splits them, the cursor behind the last one.
const bash: Complete = (script, folder, lines) =>
  lines.map((line) =>
    run(
      "bash",
      [
        "--norc",
        "-c",
        `source "$1"
words=($2); [[ $2 == *' ' ]] && words+=('')
expanded=()
for word in "\${words[@]}"; do
  if [[ $word == --*=* ]]; then expanded+=("\${word%%=*}" =); [[ \${word#*=} ]] && expanded+=("\${word#*=}")
  else expanded+=("$word"); fi
done
COMP_WORDS=("\${expanded[@]}"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_whodunit; printf '%s\\n' "\${COMPREPLY[@]}"`,
        "bash",
        script,
        line,
      ],
      folder,
    ),
  );

// A terminal of its own in which Tab is pressed behind each line; each match is written down as it is handed to the line
// editor.
const ZSH = `zmodload zsh/zpty
zpty whodunit zsh -f -i
await() { while [[ ! -e $1 ]]; do zpty -r -t whodunit junk || sleep 0.02; done }
zpty -w whodunit "PS1= PS2= RPS1= index=0; autoload -Uz compinit; compinit -u -D; source \${(q)1}"
zpty -w whodunit 'compadd() { local -a hits; if [[ " $* " == *\\ -[OAD]\\ * ]]; then builtin compadd "$@"; return; fi; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >> ../matches-$index; builtin compadd "$@" }'
zpty -w whodunit 'next() { print >> ../done-$index; (( index++ )); zle kill-buffer }; zle -N next; bindkey "^I" complete-word; bindkey "^X" next'
zpty -w whodunit 'print >> ../ready'
await ../ready
shift
for ((i = 1; i <= $#; i++)); do
  zpty -n -w whodunit "$argv[i]"$'\\t\\x18'
  await ../done-$((i - 1))
done
zpty -d whodunit
`;

const zsh: Complete = (script, folder, lines) => {
  run("zsh", ["-f", "-c", ZSH, "zsh", script, ...lines], folder);
  return lines.map((_line, i) => {
    const file = join(folder, `../matches-${i}`);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  });
};

const fish: Complete = (script, folder, lines) =>
  lines.map((line) =>
    run("fish", ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, line], folder).map(
      (match) => match.split("\t")[0]!,
    ),
  );

const SHELLS = { bash, zsh, fish };

// What a person has typed, what must be among the choices, and what must not.
const TYPED: readonly [line: string, wanted: readonly string[], unwanted: readonly string[]][] = [
  ["whodunit ", ["summary", "investigate", "completion", "help"], ["json"]],
  ["whodunit su", ["summary"], ["stat"]],
  ["whodunit summary --", ["--name", "--compare", "--output", "--by-scope"], ["--follow", "summary"]],
  ["whodunit stat --ti", ["--time-window"], ["--token"]],
  ["whodunit stat --time-window ", ["10s", "1m", "10m"], ["json"]],
  ["whodunit stat http://a -o ", ["table", "json"], ["wide"]],
  ["whodunit summary -o w", ["wide"], ["json"]],
  ["whodunit stat --by ", ["version"], ["table"]],
  ["whodunit level http://a web-votes ", ["debug", "error", "default"], ["table"]],
  ["whodunit completion ", ["bash", "zsh", "fish"], ["table"]],
  ["whodunit summary app", ["app.log"], ["summary"]],
  ["whodunit summary --name anna app", ["app.log"], ["stat"]],
  ["whodunit investigate --logs app", ["app.log"], ["--logs"]],
  ["whodunit view --data fol", ["folder/"], ["app.log"]],
  ["whodunit health --output=js", ["json"], ["table"]],
];

for (const [name, complete] of Object.entries(SHELLS)) {
  test(`whodunit completion ${name} completes commands, options, values and files in a real ${name}`, async (t) => {
    if (findProgram(t, name, name) === undefined) return;
    const { code, stdout } = await whodunit(["completion", name]);
    assert.equal(code, 0);
    const home = mkdtempSync(join(tmpdir(), "whodunit-completion-"));
    t.after(() => rmSync(home, { recursive: true, force: true }));
    const folder = join(home, "work");
    mkdirSync(join(folder, "folder"), { recursive: true });
    writeFileSync(join(folder, "app.log"), "");
    const script = join(home, "whodunit.completion");
    writeFileSync(script, stdout);
    const plain = (match: string) => match.replace(/^--output=/, "").replace(/\/$/, "");
    const all = complete(
      script,
      folder,
      TYPED.map(([line]) => line),
    );
    for (const [i, [line, wanted, unwanted]] of TYPED.entries()) {
      const matches = all[i]!.map(plain);
      for (const one of wanted) assert.ok(matches.includes(plain(one)), `${line}: ${matches.join(" ")}`);
      for (const one of unwanted) assert.ok(!matches.includes(plain(one)), `${line}: ${matches.join(" ")}`);
    }
  });
}

test("whodunit completion knows every command and option that help tells, and no other", async () => {
  const optionsIn = (help: string) =>
    [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, one]) => one!);
  const { stdout: script } = await whodunit(["completion", "bash"]);
  const commands = [...(await whodunit(["--help"])).stdout.matchAll(/^ {2}([a-z]+) /gm)].map(
    ([, one]) => one!,
  );
  assert.ok(commands.length > 14);
  const [, listed = ""] = /' 0'\) _whodunit_give words '([^']+)'/.exec(script)!;
  assert.deepEqual(listed.split(" "), commands);
  for (const command of commands.filter((one) => one !== "help")) {
    const told = optionsIn((await whodunit([command, "--help"])).stdout);
    const [, completed = ""] = new RegExp(`^ {4}${command}\\) _whodunit_give words '([^']+)'`, "m").exec(
      script,
    )!;
    assert.deepEqual(
      completed.split(" ").filter((one) => one.startsWith("--")),
      told,
      command,
    );
  }
});

test("whodunit completion refuses a shell that it does not know, and names those that it does", async () => {
  const { code, stderr } = await whodunit(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});
