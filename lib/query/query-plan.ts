/** One step of how an engine runs a statement. Rows come to it from its children. */
export type PlanOperator = {
  /** As the engine calls it: `HASH_JOIN`. */
  name: string
  /** The work of the step: conditions, columns, groups. */
  details: readonly { label: string; text: string }[]
  /** The engine's estimate before the run; null if it has none, or none with a basis. */
  estimatedRows: number | null
  /** Null in a plan that was not run. */
  actualRows: number | null
  timeMs: number | null
  /** The table that it reads. */
  scan: PlanScan | null
  children: readonly PlanOperator[]
}

/** A table at its snapshot, as far as it is known without reading it. */
export type PlanScan = {
  /** The name of the table. */
  label: string
  /** Files that might have rows that pass the filter. */
  fileCount: number
  /** Files of the whole table. */
  tableFileCount: number
  /** Null if the table does not say. */
  fileBytes: number | null
  /** Rows of these files, including deleted ones. */
  rowCount: number
  /** The condition under which a statement can use a row of the table, as SQL; null for all rows. */
  filter: string | null
  columnCount: number
}
