'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type LayoutDraft, toLayoutDraft, unchangedLayout } from './layout-draft'
import { type DraftCode, draftCodeQuery } from './draft-code'

type Intents = readonly Intent[]

export type LayoutEdits = {
  metadata: TableMetadata
  intents: Intents
  draft: LayoutDraft
  /** Whether the person may change the table; false while this is not known. */
  canChange: boolean
  /** Why the last change was not taken. */
  notice: string | null
  /**
   * Puts a change into the tray. Returns why the table does not allow it, which is the notice, too; or null, also while
   * the code of changes is loaded first.
   */
  change: (toNext: (intents: Intents, toDraft: (intents: Intents) => LayoutDraft) => Intents) => string | null
}

/** The layout with the changes in the tray, and how to change it; null until these changes can be read. */
export function useLayoutEdits(metadata: TableMetadata): LayoutEdits | null {
  const { table, detail } = useShownTable()
  const { isOffered } = useCanEdit()
  const { intents, update } = usePendingChanges(table, detail)
  const [notice, setNotice] = useState<string | null>(null)
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)
  const client = useQueryClient()
  const isNeeded = intents.length > 0
  const { data: code = null } = useQuery({ ...draftCodeQuery, enabled: isNeeded, throwOnError: isNeeded })
  const draft = useMemo(() => {
    if (!isNeeded) return unchangedLayout(metadata)
    return code && toLayoutDraft(code.draftSchema(metadata, intents))
  }, [metadata, intents, isNeeded, code])

  const change: LayoutEdits['change'] = (toNext) => {
    const apply = ({ draftSchema, editProblem }: DraftCode) => {
      const edited = (from: Intents) => toNext(from, (known) => toLayoutDraft(draftSchema(metadata, known)))
      const problem = editProblem(metadata, intents, edited(intents))
      // Another change may be on its way to the tray.
      if (problem === null) {
        update((known) => {
          const next = edited(known)
          return editProblem(metadata, known, next) === null ? next : known
        })
      }
      setNotice(problem)
      return problem
    }
    if (code) return apply(code)
    client
      .fetchQuery(draftCodeQuery)
      .then(apply)
      .catch((error: unknown) => setFailure({ error }))
    return null
  }
  if (failure) throw failure.error
  return draft && { metadata, intents, draft, canChange: isOffered === true, notice, change }
}
