import { Argument, type Command } from "commander";
import { bashScript } from "../terminal/completion/bash.ts";
import { describe } from "../terminal/completion/describe.ts";
import { fishScript } from "../terminal/completion/fish.ts";
import { zshScript } from "../terminal/completion/zsh.ts";
import type { Context } from "./command-context.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

const HELP = `
Examples, each for the file that the shell reads at its start:
  $ eval "$(whodunit completion bash)"       ~/.bashrc
  $ source <(whodunit completion zsh)        ~/.zshrc, behind compinit
  $ whodunit completion fish | source        ~/.config/fish/config.fish`;

/** `whodunit completion <shell>`. */
export function addCompletion(program: Command, { terminal }: Context): void {
  program
    .command("completion")
    .description("print what lets a shell complete commands, options and their values")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", HELP)
    .action((shell: keyof typeof SCRIPTS) => {
      const { commands, flags } = describe(program);
      terminal.stdout.write(SCRIPTS[shell](commands, flags));
    });
}
