import { type Described, type Flag, quoted, type Value } from "./describe.ts";

/** The completion for fish: to be read by it, or as `whodunit.fish` in its folder of completions. */
export function fishScript(commands: readonly Described[], flags: readonly Flag[]): string {
  const lines = [
    "# fish completion of whodunit: whodunit completion fish | source",
    "complete -c whodunit -f",
    ...flags.map((flag) => complete("__fish_use_subcommand", flagOf(flag))),
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join("\n")}\n`;
}

const complete = (condition: string, rest: string): string =>
  `complete -c whodunit -n ${quoted(condition)} ${rest}`;

function commandLines({ name, description, flags, places }: Described): string[] {
  const seen = `__fish_seen_subcommand_from ${name}`;
  return [
    complete("__fish_use_subcommand", `-a ${name} -d ${quoted(description)}`),
    ...flags.map((flag) => complete(seen, flagOf(flag))),
    ...places.flatMap(({ value }) => (value.kind === "text" ? [] : [complete(seen, given(value))])),
  ];
}

function flagOf({ names, description, value }: Flag): string {
  const spelled = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const wanted = value === null ? [] : ["-r", given(value)];
  return [...spelled, ...wanted, `-d ${quoted(description)}`].filter((part) => part !== "").join(" ");
}

function given(value: Value): string {
  if (value.kind === "words") return `-f -a ${quoted(value.words.join(" "))}`;
  if (value.kind === "folder") return "-f -a '(__fish_complete_directories)'";
  return value.kind === "file" ? "-F" : "-f";
}
