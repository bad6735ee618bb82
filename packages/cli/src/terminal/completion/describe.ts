import type { Argument, Command, Option } from "commander";

/** What may stand in a place of the command line. */
export type Value =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" | "folder" | "text" };

/** An option as the parser knows it. */
export interface Flag {
  /** `-o` and `--output`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null where it has no value. */
  readonly value: Value | null;
  /** Whether it may stand without its value. */
  readonly isOptional: boolean;
}

/** A place for an argument. */
export interface Place {
  readonly name: string;
  readonly value: Value;
  /** Whether all that follow are of the same kind. */
  readonly repeats: boolean;
}

/** One command. */
export interface Described {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly places: readonly Place[];
}

/** Reads what can be completed from the very tables that the command line is parsed by. */
export function describe(program: Command): { commands: Described[]; flags: Flag[] } {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  return {
    flags: help.visibleOptions(program).map(flagOf),
    commands: commands.map((command) => ({
      name: command.name(),
      description: oneLine(command.description()),
      flags: help.visibleOptions(command).map(flagOf),
      places: command.registeredArguments.map((argument) => placeOf(argument, names)),
    })),
  };
}

function flagOf({ short, long, description, required, optional, flags, argChoices }: Option): Flag {
  const [, name = ""] = /[<[]([\w-]+)/.exec(flags) ?? [];
  return {
    names: [short, long].filter((one) => one !== undefined),
    description: oneLine(description),
    value: required || optional ? valueIn(name, argChoices) : null,
    isOptional: optional,
  };
}

function placeOf(argument: Argument, commands: readonly string[]): Place {
  const name = argument.name();
  const choices = name === "command" ? commands : argument.argChoices;
  return { name, value: valueIn(name, choices), repeats: argument.variadic };
}

// What has no choices says by its name what it is: <file>, [files...], <dir>.
function valueIn(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: "words", words: choices };
  if (/^files?$/.test(name)) return { kind: "file" };
  return { kind: name === "dir" ? "folder" : "text" };
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ");

/** A text as one word of a shell, whatever is in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
