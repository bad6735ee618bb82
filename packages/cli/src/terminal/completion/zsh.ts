import { type Described, type Flag, type Place, quoted, type Value } from "./describe.ts";

/** The completion for zsh: to be read by it behind `compinit`, or as `_whodunit` in a folder of `fpath`. */
export function zshScript(commands: readonly Described[], flags: readonly Flag[]): string {
  return `#compdef whodunit
# zsh completion of whodunit: source <(whodunit completion zsh)
_whodunit() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join("\n")}
  )
  _arguments -C ${flags.map(flagSpec).join(" ")} '1: :->command' '*:: :->argument'
  case $state in
  command) _describe command commands ;;
  argument)
    case $line[1] in
${commands.map(commandCase).join("\n")}
    esac
    ;;
  esac
}
if [[ \${funcstack[1]} == _whodunit ]]; then _whodunit "$@"; else compdef _whodunit whodunit; fi
`;
}

function commandCase({ name, flags, places }: Described): string {
  const specs = [...flags.map(flagSpec), ...places.map(placeSpec)];
  return `    ${name}) _arguments -s ${specs.join(" ")} ;;`;
}

// '(-o --output)'{-o+,--output=}'[how to print]:value:(table json)': the value stands in the same word or in the next. One that
// has a single name may be given several times.
function flagSpec({ names, description, value, isOptional }: Flag): string {
  const shown = `[${escaped(description)}]`;
  const wanted = value === null ? "" : `${isOptional ? "::" : ":"}${action(value, "value")}`;
  const spelled = names.map((name) =>
    value === null || isOptional ? name : `${name}${name.startsWith("--") ? "=" : "+"}`,
  );
  if (names.length === 1) return quoted(`*${spelled[0]}${shown}${wanted}`);
  return `${quoted(`(${names.join(" ")})`)}{${spelled.join(",")}}${quoted(shown + wanted)}`;
}

const placeSpec = ({ name, value, repeats }: Place): string =>
  quoted(`${repeats ? "*:" : ":"}${action(value, name)}`);

function action(value: Value, message: string): string {
  if (value.kind === "words") return `${message}:(${value.words.join(" ")})`;
  return `${message}:${value.kind === "text" ? "" : value.kind === "file" ? "_files" : "_files -/"}`;
}

const escaped = (text: string): string => text.replace(/[\\[\]:]/g, "\\$&");
