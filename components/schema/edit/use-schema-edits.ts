'use client'
import { useMemo, useState } from 'react'
import { type PendingChanges, usePendingChanges } from '@/lib/client/pending-changes'
import type { Intent } from '@/lib/iceberg/intents/intent'
import { siblingsOf } from '@/lib/iceberg/intents/column-edits'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { type TreeRow, treeRows } from '../tree-rows'
import { addColumn } from './edit-intents'
import { draftSchema, editProblem, type SchemaDraft } from './schema-draft'

export type Edit = (state: SchemaDraft, intents: readonly Intent[]) => readonly Intent[]

export type SchemaEdits = {
  metadata: TableMetadata
  pending: PendingChanges
  state: SchemaDraft
  rows: readonly TreeRow[]
  /** The column whose fields are shown. */
  openId: number | null
  setOpenId: (fieldId: number | null) => void
  /** Why the last change by a button was not taken. */
  notice: string | null
  /** Takes a change into the tray. Returns why the table does not allow it, or null. */
  change: (edit: Edit) => string | null
  /** As {@link SchemaEdits.change}, for a button: the reason is shown above the columns. */
  act: (edit: Edit) => void
  /** Why a change is not allowed; null if it is. */
  problemOf: (edit: Edit) => string | null
  add: (parentId: number | null, afterId?: number) => void
}

/** The columns with the changes in the tray, and how to change them. */
export function useSchemaEdits(table: TableIdentifier, metadata: TableMetadata): SchemaEdits {
  const pending = usePendingChanges(table)
  const { intents } = pending
  const [openId, setOpenId] = useState<number | null>(null)
  const [notice, setNotice] = useState<string | null>(null)
  const state = useMemo(() => draftSchema(metadata, intents), [metadata, intents])
  const rows = useMemo(() => {
    const moved = intents.flatMap((one) => (one.kind === 'move-column' ? [one.fieldId] : []))
    return treeRows(currentSchema(metadata), state.draft.schema, new Set(moved))
  }, [metadata, intents, state])

  const problemOf = (edit: Edit) => editProblem(metadata, intents, edit(state, intents))
  const change = (edit: Edit) => {
    const problem = problemOf(edit)
    // Another edit may be on its way to the tray.
    if (problem === null) pending.update((known) => applyEdit(metadata, known, edit))
    setNotice(null)
    return problem
  }
  return {
    metadata,
    pending,
    state,
    rows,
    openId,
    setOpenId,
    notice,
    change,
    act: (edit) => setNotice(change(edit)),
    problemOf,
    add: (parentId, afterId) => {
      const edit: Edit = (known, now) => addColumn(known, now, parentId, afterId)
      const problem = change(edit)
      setNotice(problem)
      if (problem !== null) return
      const before = new Set(siblingsOf(state.draft.schema, parentId).map(({ name }) => name))
      const after = draftSchema(metadata, edit(state, intents)).draft.schema
      const added = siblingsOf(after, parentId).find(({ name }) => !before.has(name))
      setOpenId(added?.id ?? null)
    },
  }
}

/** The list with the edit; without it when the table no longer allows it. */
function applyEdit(metadata: TableMetadata, known: readonly Intent[], edit: Edit): readonly Intent[] {
  const next = edit(draftSchema(metadata, known), known)
  return editProblem(metadata, known, next) === null ? next : known
}
