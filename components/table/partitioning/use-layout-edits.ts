'use client'
import { useMemo, useState } from 'react'
import { draftSchema, editProblem, type SchemaDraft } from '@/components/table/schema/edit/schema-draft'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

export type LayoutEdits = {
  metadata: TableMetadata
  intents: readonly Intent[]
  state: SchemaDraft
  /** Whether the person may change the table; false while this is not known. */
  canChange: boolean
  /** Why the last change was not taken. */
  notice: string | null
  /** Puts a change into the tray. Returns why the table does not allow it, or null. */
  change: (toNext: (intents: readonly Intent[]) => readonly Intent[]) => string | null
}

/** The layout with the changes in the tray, and how to change it. */
export function useLayoutEdits(metadata: TableMetadata): LayoutEdits {
  const { table } = useShownTable()
  const { isOffered } = useCanEdit()
  const { intents, update } = usePendingChanges(table)
  const [notice, setNotice] = useState<string | null>(null)
  const state = useMemo(() => draftSchema(metadata, intents), [metadata, intents])
  return {
    metadata,
    intents,
    state,
    canChange: isOffered === true,
    notice,
    change: (toNext) => {
      const problem = editProblem(metadata, intents, toNext(intents))
      // Another change may be on its way to the tray.
      if (problem === null) {
        update((known) => {
          const next = toNext(known)
          return editProblem(metadata, known, next) === null ? next : known
        })
      }
      setNotice(problem)
      return problem
    },
  }
}
