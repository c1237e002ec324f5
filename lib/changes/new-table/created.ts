import type { Missing } from '../statements/intent-statement'
import type { NewTableDraft } from './new-table-draft'

/** A table that is to be created: its draft, and where its files are to be; null: the catalog chooses. */
export type NewTable = { draft: NewTableDraft; location: string | null }

/** `missing`: what the statements leave out. A reason alone: there is no statement for this table at all. */
export type Created = { statements: readonly string[]; missing: readonly Missing[] } | Missing
