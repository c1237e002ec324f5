'use client'
import { useMemo, useState } from 'react'
import type { ColumnEdits } from '@/components/table/schema/edit/column-edits'
import { treeRows } from '@/components/table/schema/tree-rows'
import { AppError } from '@/lib/errors'
import {
  addColumn,
  changeColumnType,
  describeColumn,
  dropColumn,
  moveColumn,
  nextFieldId,
  renameColumn,
  setColumnDefault,
  setColumnRequired,
  toggleIdentifier,
} from '@/lib/changes/new-table/draft-columns'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { NewTableForm } from './use-new-table-form'

type DraftEdit = (draft: NewTableDraft) => NewTableDraft

/** Edits of the columns of a new table. No data depends on them yet, so everything can change. */
export function useDraftColumnEdits({ draft, changeDraft }: Pick<NewTableForm, 'draft' | 'changeDraft'>): ColumnEdits {
  const [openId, setOpenId] = useState<number | null>(null)
  const { schema, formatVersion } = draft
  const rows = useMemo(() => treeRows(schema), [schema])
  const nextId = nextFieldId(draft)
  const change = (edit: DraftEdit): string | null => {
    try {
      edit(draft)
    } catch (error) {
      if (error instanceof AppError) return error.message
      throw error
    }
    changeDraft(edit)
    return null
  }
  return {
    schema,
    formatVersion,
    rows,
    openId,
    setOpenId,
    nextFieldId: nextId,
    isNew: () => true,
    hasDefault: () => true,
    hasIdentifier: ({ role }) => role === 'column',
    rename: (fieldId, name) => change((now) => renameColumn(now, fieldId, name)),
    setType: (fieldId, type) => void change((now) => changeColumnType(now, fieldId, type)),
    setRequired: (fieldId, isRequired) => void change((now) => setColumnRequired(now, fieldId, isRequired)),
    setDefault: (fieldId, value) => change((now) => setColumnDefault(now, fieldId, value)),
    describe: (fieldId, doc) => change((now) => describeColumn(now, fieldId, doc)),
    toggleIdentifier: (fieldId) => void change((now) => toggleIdentifier(now, fieldId)),
    identifierProblem: () => null,
    add: (parentId, afterId) => {
      if (change((now) => addColumn(now, parentId, afterId)) === null) setOpenId(nextId)
    },
    move: (fieldId, afterId) => void change((now) => moveColumn(now, fieldId, afterId)),
    drop: (fieldId) => void change((now) => dropColumn(now, fieldId)),
    dropProblem: () => null,
    restorer: () => null,
    guardOf: () => null,
  }
}
