'use client'
import { useMemo, useState } from 'react'
import { type PendingChanges, usePendingChanges } from '@/lib/client/table/pending-changes'
import type { Intent } from '@/lib/changes/intents/intent'
import { useShownTable } from '@/components/table/frame/shown-table'
import { dropProblem, siblingsOf } from '@/lib/changes/edits/column-edits'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { treeRows } from '../tree-rows'
import type { ColumnEdits } from './column-edits'
import {
  addColumn,
  changeType,
  describeColumn,
  dropColumn,
  moveColumn,
  newColumnOf,
  renameColumn,
  restoreColumn,
  setDefault,
  setRequired,
  toggleIdentifier,
} from './edit-intents'
import { draftSchema, editProblem, type SchemaDraft } from './schema-draft'

export type Edit = (state: SchemaDraft, intents: readonly Intent[]) => readonly Intent[]

export type SchemaEdits = ColumnEdits & {
  metadata: TableMetadata
  pending: PendingChanges
  state: SchemaDraft
  /** Why the last change by a button was not taken. */
  notice: string | null
  /** Puts a change into the tray. Returns why the table does not allow it, or null. */
  change: (edit: Edit) => string | null
  /** As {@link SchemaEdits.change}, for a button: the reason is shown above the columns. */
  act: (edit: Edit) => void
}

/** The columns with the changes in the tray, and how to change them. */
export function useSchemaEdits(metadata: TableMetadata): SchemaEdits {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const { intents } = pending
  const [openId, setOpenId] = useState<number | null>(null)
  const [notice, setNotice] = useState<string | null>(null)
  /** The column that was just added and has had no other edit. */
  const [addedId, setAddedId] = useState<number | null>(null)
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
    setAddedId(null)
    return problem
  }
  const act = (edit: Edit) => setNotice(change(edit))
  const { schema, formatVersion, lastColumnId } = state.draft
  return {
    metadata,
    pending,
    state,
    rows,
    openId,
    setOpenId: (fieldId) => {
      setOpenId(fieldId)
      setAddedId(null)
    },
    notice,
    change,
    act,
    schema,
    formatVersion,
    nextFieldId: lastColumnId + 1,
    isNew: (fieldId) => newColumnOf(state, intents, fieldId) !== null,
    hasDefault: ({ fieldId }) => {
      const added = newColumnOf(state, intents, fieldId)
      return added === null || added.rootId === fieldId
    },
    // A new column has no id yet.
    hasIdentifier: ({ before }) => before !== null,
    rename: (fieldId, name) => change((known, now) => renameColumn(known, now, fieldId, name)),
    setType: (fieldId, type) => act((known, now) => changeType(known, now, fieldId, type)),
    setRequired: (fieldId, isRequired) => act((known, now) => setRequired(known, now, fieldId, isRequired)),
    setDefault: (fieldId, value) => change((known, now) => setDefault(known, now, fieldId, value)),
    describe: (fieldId, doc) => change((known, now) => describeColumn(known, now, fieldId, doc)),
    toggleIdentifier: (fieldId) => act((known, now) => toggleIdentifier(known, now, fieldId)),
    identifierProblem: (fieldId) => problemOf((known, now) => toggleIdentifier(known, now, fieldId)),
    move: (fieldId, afterId) => act((known, now) => moveColumn(known, now, fieldId, afterId)),
    drop: (fieldId) => act((known, now) => dropColumn(known, now, fieldId)),
    dropProblem: (fieldId) => problemOf((known, now) => dropColumn(known, now, fieldId)),
    restorer: ({ before, mark, fieldId }) => {
      const isChanged = intents.some((one) => 'fieldId' in one && one.fieldId === fieldId)
      const isRestorable = mark === '−' || (mark === '~' && before !== null && isChanged)
      return isRestorable ? () => act((_state, now) => restoreColumn(now, fieldId)) : null
    },
    guardOf: ({ name }, fieldId) => {
      const problem = state.before.has(fieldId) ? dropProblem(state.draft, fieldId) : null
      return problem && `${name} ${problem}. It can be renamed and moved, not dropped.`
    },
    add: (parentId, afterId) => {
      const edit: Edit = (known, now) => addColumn(known, now, parentId, afterId)
      const problem = change(edit)
      setNotice(problem)
      if (problem !== null) return
      const before = new Set(siblingsOf(state.draft.schema, parentId).map(({ name }) => name))
      const after = draftSchema(metadata, edit(state, intents)).draft.schema
      const added = siblingsOf(after, parentId).find(({ name }) => !before.has(name))
      setOpenId(added?.id ?? null)
      setAddedId(added?.id ?? null)
    },
    typeName: (fieldId, name) => {
      if (fieldId !== addedId || name === '') return
      change((known, now) => renameColumn(known, now, fieldId, name))
      setAddedId(fieldId)
    },
    cancelAdd: (fieldId) => {
      if (fieldId === addedId) act((known, now) => dropColumn(known, now, fieldId))
      setOpenId(null)
    },
  }
}

/** The list with the edit; without it when the table no longer allows it. */
function applyEdit(metadata: TableMetadata, known: readonly Intent[], edit: Edit): readonly Intent[] {
  const next = edit(draftSchema(metadata, known), known)
  return editProblem(metadata, known, next) === null ? next : known
}
