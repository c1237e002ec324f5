/** Facts that a load knows about a row apart from its fields: the name of its file, its line, and when the load began. */
export const ROW_FACTS = ['file-name', 'line', 'loaded-at'] as const

/** Where the values of a column come from. */
export type ColumnSource =
  /** A field of the file; its values are parsed exactly, or their rows are rejected. */
  | { field: string }
  /** The same text for every row, parsed like a field; null: no value. */
  | { value: string | null }
  /** A DuckDB expression over the fields of the file. The fields of text files are texts. */
  | { sql: string }
  | { fact: (typeof ROW_FACTS)[number] }
  /** The value of a folder in the path of the file, by its name: that of `day=2026-05-01` is `day`. */
  | { pathValue: string }
  /** All fields that fill no column, as a map from names to texts, or as JSON in a text. */
  | { rest: true }

/**
 * Which field fills which column. A column without an entry takes the field of its name. A field that fills no column
 * stops the load unless it is ignored, or a column takes the rest.
 */
export type LoadMapping = {
  /** By the names of the table's columns. */
  columns: Readonly<Record<string, ColumnSource>>
  /** Fields of the file that are left out. */
  ignoredFields: readonly string[]
}

/** Fields fill the columns of their names. */
export const BY_NAME: LoadMapping = { columns: {}, ignoredFields: [] }
