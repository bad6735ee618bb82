import type { Described, Flag, Value } from "./describe.ts";
import { quoted } from "./describe.ts";

/** The completion for bash: to be read by it, at its start or from bash-completion's folder. */
export function bashScript(commands: readonly Described[], flags: readonly Flag[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of whodunit: eval "$(whodunit completion bash)"
_whodunit() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command='' place=0 i
  # Bash takes --output=json for three words.
  if [[ $word == = ]]; then word=''
  elif [[ $before == = ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
    --) [[ $command ]] && { _whodunit_give file; return; } ;;
    -* | =) ;;
    *)
      if [[ -z $command ]]; then command="\${COMP_WORDS[i]}"
      elif ! _whodunit_has_value "$command" "\${COMP_WORDS[i-1]}" && [[ \${COMP_WORDS[i-1]} != = ]]; then ((place++))
      fi
      ;;
    esac
  done
  case "$command $before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  if [[ $word == -* ]]; then
    case $command in
    '') _whodunit_give words ${quoted(flagNames(flags))} ;;
${commands.map(({ name, flags }) => `    ${name}) _whodunit_give words ${quoted(flagNames(flags))} ;;`).join("\n")}
    esac
    return
  fi
  case "$command $place" in
  ' 0') _whodunit_give words ${quoted(names.join(" "))} ;;
${commands.flatMap(placeCases).join("\n")}
  esac
}
_whodunit_has_value() {
  case "$1 $2" in
  ${commands.flatMap(({ name, flags }) => withValue(flags).map((flag) => quoted(`${name} ${flag}`))).join(" | ")}) return 0 ;;
  esac
  return 1
}
_whodunit_give() {
  local IFS=$'\\n'
  case $1 in
  words) COMPREPLY=($(compgen -W "\${2// /$IFS}" -- "$word")) ;;
  file) COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2> /dev/null ;;
  folder) COMPREPLY=($(compgen -d -- "$word")); compopt -o filenames 2> /dev/null ;;
  esac
}
complete -F _whodunit whodunit
`;
}

const flagNames = (flags: readonly Flag[]): string => flags.flatMap(({ names }) => names).join(" ");

// One that may stand alone takes what follows for its value only where that is none of the next.
const withValue = (flags: readonly Flag[]): string[] =>
  flags.flatMap(({ names, value }) => (value === null ? [] : names));

const given = (value: Value): string =>
  value.kind === "words" ? `words ${quoted(value.words.join(" "))}` : value.kind;

function valueCases({ name, flags }: Described): string[] {
  return flags.flatMap(({ names, value, isOptional }) => {
    if (value === null || (isOptional && value.kind === "text")) return [];
    const patterns = names.map((flag) => quoted(`${name} ${flag}`)).join(" | ");
    return [`  ${patterns}) _whodunit_give ${given(value)}; return ;;`];
  });
}

function placeCases({ name, places }: Described): string[] {
  return places.flatMap(({ value, repeats }, i) => {
    if (value.kind === "text") return [];
    const pattern = repeats ? `${quoted(`${name} `)}*` : quoted(`${name} ${i}`);
    return [`  ${pattern}) _whodunit_give ${given(value)} ;;`];
  });
}
