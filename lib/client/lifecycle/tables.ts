import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { joinNamespace, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useKeyedRequest } from '../call/use-keyed-request'
import { useSingleMutation } from '../call/use-single-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'
import { moveChanges } from '@/lib/client/table/move-changes'
import { refreshUses } from '@/lib/client/table/uses'
import { refreshWithout } from '@/lib/client/table/refresh-without'

/** How the table gets the new name, and its blockers. */
export function renameReviewQuery(from: TableIdentifier, to: TableIdentifier) {
  const names = { toNamespace: to.namespace, toTable: to.table }
  return queryOptions({
    queryKey: [...keys.table(from), 'rename-review', joinNamespace(to.namespace), to.table],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewTableRename', { ...from, ...names }, toCallOptions(context)),
    // The request stays visible while the name is typed.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** @param onRenamed called with the new name, also when the panel was closed meanwhile */
export function useRenameTable(from: TableIdentifier, onRenamed: (to: TableIdentifier) => void) {
  const queryClient = useQueryClient()
  const sendKeyed = useKeyedRequest()
  return useSingleMutation({
    mutationFn: ({ to, confirmedName }: { to: TableIdentifier; confirmedName: string | undefined }) =>
      sendKeyed({ ...from, toNamespace: to.namespace, toTable: to.table, confirmedName }, (input) =>
        callEndpoint('renameTable', input),
      ),
    // A refusal may be the first that the page hears of a reader.
    onError: () => refreshUses(queryClient, from),
    onSuccess: (_output, { to }) => {
      moveChanges(queryClient, from, to)
      onRenamed(to)
      void refreshWithout(queryClient, from.catalog, keys.table(from))
    },
  })
}

/** @param isPurge with the files: for that, the server reads every table of a connection's catalog */
export function dropReviewQuery(table: TableIdentifier, { isPurge }: { isPurge: boolean }) {
  const input = isPurge ? table : { ...table, keepsFiles: 'true' as const }
  return queryOptions({
    queryKey: [...keys.table(table), 'drop-review', isPurge],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewTableDrop', input, toCallOptions(context)),
    // The figures stay visible while the other choice is reviewed.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** The files that a purge of the table removes. */
export function purgedFilesQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'purged-files'],
    queryFn: (context) => callEndpoint('listPurgedFiles', table, toCallOptions(context)),
    gcTime: 0,
  })
}

/** @param onDropped called also when the panel was closed meanwhile */
export function useDropTable(table: TableIdentifier, onDropped: (choice: { isPurge: boolean }) => void) {
  const queryClient = useQueryClient()
  const sendKeyed = useKeyedRequest()
  return useSingleMutation({
    mutationFn: (choice: { isPurge: boolean; metadataLocation: string | null; confirmedName: string }) =>
      sendKeyed({ ...table, ...choice }, (input) => callEndpoint('dropTable', input)),
    onSuccess: (_output, choice) => {
      moveChanges(queryClient, table, null)
      onDropped(choice)
      void refreshWithout(queryClient, table.catalog, keys.table(table))
    },
  })
}

export function droppedTablesQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'dropped-tables'],
    queryFn: (context) => callEndpoint('listDroppedTables', { catalog, namespace }, toCallOptions(context)),
  })
}

/** Whether a dropped table or view can be restored under a name. */
export function restoreReviewQuery(catalog: string, namespace: Namespace, restore: { auditId: string; name: string }) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'restore-review', restore.auditId, restore.name],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewRestore', { catalog, namespace, ...restore }, toCallOptions(context)),
    gcTime: 0,
  })
}

/** @param onRestored called with the name, also when the restored table has left the list by then */
export function useRestoreTable(catalog: string, namespace: Namespace, onRestored: (name: string) => void) {
  const queryClient = useQueryClient()
  const sendKeyed = useKeyedRequest()
  return useSingleMutation({
    mutationFn: (choice: { auditId: string; name: string }) =>
      sendKeyed({ catalog, namespace, ...choice }, (input) => callEndpoint('restoreTable', input)),
    onSuccess: (_output, { name }) => onRestored(name),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.catalog(catalog) }),
  })
}
