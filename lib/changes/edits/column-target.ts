/** A column of the table, as the person saw it. */
export type ColumnTarget = {
  fieldId: number
  /** Its names from the top, for people: columns are found by their id. */
  column: readonly string[]
}

/** The last part of the name of a column, which a rename changes. */
export function lastName({ column }: ColumnTarget): string {
  return column.at(-1) ?? ''
}

export function columnLabel(path: readonly string[]): string {
  return path.join('.')
}
