import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { keys } from '../keys'

/** How the table gets the new name, and what is known against it. */
export function renameReviewQuery(from: TableIdentifier, to: TableIdentifier) {
  const names = { toNamespace: to.namespace, toTable: to.table }
  return queryOptions({
    queryKey: [...keys.table(from), 'rename-review', names],
    queryFn: (context) => callEndpoint('reviewTableRename', { ...from, ...names }, toCallOptions(context)),
    // The request stays visible while the name is typed.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

export function useRenameTable(from: TableIdentifier) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (to: TableIdentifier) =>
      callEndpoint('renameTable', { ...from, toNamespace: to.namespace, toTable: to.table }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.catalog(from.catalog), refetchType: 'inactive' }),
  })
}

export function dropReviewQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'drop-review'],
    queryFn: (context) => callEndpoint('reviewTableDrop', table, toCallOptions(context)),
    gcTime: 0,
  })
}

export function useDropTable(table: TableIdentifier) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (choice: { isPurge: boolean; metadataLocation: string | null; confirmedName: string }) =>
      callEndpoint('dropTable', { ...table, ...choice }),
    // The page of the table itself is left, so what it shows is not read again.
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.catalog(table.catalog), refetchType: 'inactive' }),
  })
}

export function droppedTablesQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'dropped-tables'],
    queryFn: (context) => callEndpoint('listDroppedTables', { catalog, namespace }, toCallOptions(context)),
  })
}

/** @param onRestored called with the name, also when the restored table has left the list by then */
export function useRestoreTable(catalog: string, namespace: Namespace, onRestored: (name: string) => void) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (choice: { auditId: string; name: string }) =>
      callEndpoint('restoreTable', { catalog, namespace, ...choice }),
    onSuccess: (_output, { name }) => onRestored(name),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.catalog(catalog) }),
  })
}
