import type { TableDeclaration } from '../declaration/table-declaration'

/** A table as a text declares it. */
export type ParsedTable = {
  /** Levels and name as written; null if the text has none. */
  name: readonly string[] | null
  /** Null: the catalog chooses it. */
  location: string | null
  declaration: TableDeclaration
  /** Clauses of the text that the table does not keep, in sentences. */
  notes: readonly string[]
}
