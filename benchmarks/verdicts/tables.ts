/** How one case went. */
export interface Score {
  readonly first: "right" | "none" | "wrong";
  readonly innocent: boolean;
  /** Whether nobody may be named. */
  readonly quiet: boolean;
}

/** One table: kinds of fault, and how each case of them went. */
export interface Table {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly { readonly name: string; readonly scores: readonly Score[] }[];
}

/** The tables as Markdown. */
export function renderTables(tables: readonly Table[], seed: number): string {
  const head = `# Verdicts

How often \`whodunit investigate\` names the right one first, nobody, or an innocent. \`npm run verdicts\` makes new
topologies each time; this run's seed: ${seed}.
`;
  return [head, ...tables.map(renderTable)].join("\n");
}

function renderTable({ title, note, rows }: Table): string {
  const all = rows.flatMap(({ scores }) => scores);
  const faults = all.filter(({ quiet }) => !quiet);
  const quiet = all.filter((score) => score.quiet);
  const lines = rows.map(({ name, scores }) => line(name, scores));
  return [
    `## ${title}\n`,
    ...(note === "" ? [] : [`${note}\n`]),
    "| kind | cases | right first | nobody | innocent named |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...lines,
    ...(faults.length > 0 ? [line("**all faults**", faults)] : []),
    ...(quiet.length > 0 ? [line("**all quiet ones**", quiet)] : []),
    "",
  ].join("\n");
}

function line(name: string, scores: readonly Score[]): string {
  const part = (fits: (score: Score) => boolean): string => {
    const share = (100 * scores.filter(fits).length) / scores.length;
    return name.startsWith("**")
      ? `${scores.filter(fits).length} (${share.toFixed(1)} %)`
      : String(scores.filter(fits).length);
  };
  const right = scores.every(({ quiet }) => quiet) ? "" : part(({ first }) => first === "right");
  return `| ${name} | ${scores.length} | ${right} | ${part(({ first }) => first === "none")} | ${part(({ innocent }) => innocent)} |`;
}
