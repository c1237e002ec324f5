import type { NestedField, Schema, Type } from '@/lib/iceberg/schema/types'
import type { TreeRow } from '../tree-rows'

/**
 * The edits of the column editor, for a table as the tray would change it and for a table that does not exist yet. An
 * edit returns why it is refused, or null; a refused button shows the reason above the columns.
 */
export type ColumnEdits = {
  schema: Schema
  formatVersion: number
  rows: readonly TreeRow[]
  /** The column whose fields are shown. */
  openId: number | null
  setOpenId: (fieldId: number | null) => void
  /** Id of the next added column. */
  nextFieldId: number
  /** Whether its type can be any, because no data has it. */
  isNew: (fieldId: number) => boolean
  hasDefault: (row: TreeRow) => boolean
  hasIdentifier: (row: TreeRow) => boolean
  rename: (fieldId: number, name: string) => string | null
  setType: (fieldId: number, type: Type) => void
  setRequired: (fieldId: number, isRequired: boolean) => void
  /** @param value JSON text; null removes the default */
  setDefault: (fieldId: number, value: string | null) => string | null
  describe: (fieldId: number, doc: string | null) => string | null
  toggleIdentifier: (fieldId: number) => void
  identifierProblem: (fieldId: number) => string | null
  add: (parentId: number | null, afterId?: number) => void
  /** Gives a column that was just added the name that is being typed, as far as it can have it. */
  typeName?: (fieldId: number, name: string) => void
  /** Closes the fields of a column, and removes it if it was just added and has had no other edit. */
  cancelAdd?: (fieldId: number) => void
  /** @param afterId the sibling that it follows; null: it is first */
  move: (fieldId: number, afterId: number | null) => void
  drop: (fieldId: number) => void
  dropProblem: (fieldId: number) => string | null
  /** Discards the changes of a column; null for a column without any. */
  restorer: (row: TreeRow) => (() => void) | null
  /** Why the column cannot be dropped, next to its name; null: it can. */
  guardOf: (field: NestedField, fieldId: number) => string | null
}
