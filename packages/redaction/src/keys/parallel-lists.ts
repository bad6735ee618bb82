/** Under these stand values whose names stand in a list beside them. */
export const VALUE_LISTS: ReadonlySet<string> = new Set(
  "values rows row data _fields cells record records".split(" "),
);
/** Under these stand such names. */
const NAME_LISTS: ReadonlySet<string> = new Set(
  "columns columnnames column_names fields fieldnames field_names keys names header headers head meta schema".split(
    " ",
  ),
);
const NAMES_MAX = 256;
const NAMED_BY = ["name", "columnName", "column_name", "field", "key"] as const;
const LIST_IN_TEXT = new RegExp(
  String.raw`(?:^|[^\w])(?:${[...NAME_LISTS].join("|")})\\{0,64}["']?\s{0,4}:\s{0,8}\[([^\]]{1,400})\]`,
  "gi",
);
const NAME_IN_TEXT = /["']([A-Za-z_][\w. -]{0,63}?)\\{0,64}["']/g;

/** The sensitive name in a list of them, beside a list of values: `{ columns: ["id", "password"], rows: [[1, "x"]] }`. */
export function nameInLists(
  holder: Readonly<Record<string, unknown>>,
  values: unknown,
  fields: readonly string[],
  isSensitive: (name: string) => boolean,
): string | undefined {
  if (!Array.isArray(values) || isRecord(values[0])) return undefined;
  for (const field of fields) {
    if (!NAME_LISTS.has(field.toLowerCase())) continue;
    const names = holder[field];
    if (!Array.isArray(names)) continue;
    for (let i = 0; i < names.length && i < NAMES_MAX; i++) {
      const name = nameOf(names[i]);
      if (name !== undefined && isSensitive(name)) return name;
    }
  }
  return undefined;
}

/** All names of the lists of names that stand in a text. */
export function namesInText(text: string): string[] {
  return [...text.matchAll(LIST_IN_TEXT)].flatMap(([, list]) =>
    Array.from(list!.matchAll(NAME_IN_TEXT), (match) => match[1]!),
  );
}

// Rows that are objects have their names themselves.
const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function nameOf(item: unknown): string | undefined {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return undefined;
  for (const key of NAMED_BY) {
    const name = (item as Readonly<Record<string, unknown>>)[key];
    if (typeof name === "string") return name;
  }
  return undefined;
}
