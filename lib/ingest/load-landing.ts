/** The ways in which a load treats the rows that the table has. */
export const LOAD_OPERATIONS = ['append', 'replace-partitions', 'replace-where', 'replace-table', 'upsert'] as const
export type LoadOperation = (typeof LOAD_OPERATIONS)[number]

/** How the rows of a load become rows of the table, as one snapshot. */
export type LoadLanding = {
  /**
   * `append` adds rows. `replace-partitions` removes the rows of exactly those partitions that get new ones,
   * `replace-where` the rows that match `where`, and `replace-table` all rows. `upsert` removes the rows whose identifier fields have the values of new rows.
   */
  operation: LoadOperation
  /** Null: `main`. A branch that does not exist begins at the tip of `main`. */
  branch: string | null
  /** Whether the load fails where there is no such branch, instead of beginning it. */
  branchMustExist?: true
  /** The filter of `replace-where`, which every row of the load has to match, too. */
  where?: string
}

/** Removes rows that it does not write again: a user types the name of the table before. */
export function losesRows({ operation }: LoadLanding): boolean {
  return operation !== 'append' && operation !== 'upsert'
}

export const APPEND_TO_MAIN: LoadLanding = { operation: 'append', branch: null }
