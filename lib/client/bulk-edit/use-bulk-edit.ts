'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Namespace } from '@/lib/names/identifiers'
import { refreshTable, useRequireSameUser } from '../table/changes'
import { BulkEdit, type BulkEditState } from './bulk-edit'

/** An edit of tables of a namespace. It is cancelled when the user leaves the page. */
export function useBulkEdit(catalog: string, namespace: Namespace): { edit: BulkEdit; state: BulkEditState } {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  const identifierOf = (table: string) => ({ catalog, namespace, table })
  const [edit] = useState(
    () =>
      new BulkEdit({
        readTable: (table, signal) => callEndpoint('getTable', identifierOf(table), { signal }),
        review: (table, intents, signal) =>
          callEndpoint('reviewChanges', { ...identifierOf(table), intents: [...intents] }, { signal }),
        write: async (table, { intents, idempotencyKey, how }) => {
          await requireSameUser()
          const request = { ...identifierOf(table), idempotencyKey }
          const action = { kind: 'change-table' as const, intents: [...intents] }
          try {
            if (how.kind === 'commit') await callEndpoint('commitChanges', { ...request, intents: action.intents })
            else await callEndpoint('proposeChanges', { ...request, action, title: how.title, note: how.note })
          } finally {
            void refreshTable(queryClient, identifierOf(table))
          }
        },
      }),
  )
  const state = useSyncExternalStore(edit.subscribe, edit.getSnapshot, edit.getSnapshot)
  useEffect(() => () => edit.cancel(), [edit])
  const isWriting = state.running === 'write'
  useEffect(() => {
    if (!isWriting) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isWriting])
  return { edit, state }
}
