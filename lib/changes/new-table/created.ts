import type { Missing } from '../statements/intent-statement'
import type { NewTableDraft } from './new-table-draft'

/** A table that is to be created: its draft, and where its files are to be; null: the catalog chooses. */
export type NewTable = { draft: NewTableDraft; location: string | null }

/**
 * `missing`: the parts of the table that the statements leave out. A reason alone: the engine cannot create this table
 * at all.
 */
export type Created = { statements: readonly string[]; missing: readonly Missing[] } | Missing
