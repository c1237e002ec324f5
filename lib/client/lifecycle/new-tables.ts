import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'

/** The table to create, as the contract has it. */
export type NewTableRequest = { declaration: string; location?: string }

/** How the table would be created, and its blockers. */
export function newTableReviewQuery(table: TableIdentifier, request: NewTableRequest) {
  return queryOptions({
    queryKey: [...keys.namespace(table.catalog, table.namespace), 'new-table-review', table.table, request],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewNewTable', { ...table, ...request }, toCallOptions(context)),
    // The statements stay visible while the form is edited.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** The table that a metadata file describes, and the blockers of registering it. */
export function registrationReviewQuery(table: TableIdentifier, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.namespace(table.catalog, table.namespace), 'registration-review', table.table, metadataLocation],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewRegistration', { ...table, metadataLocation }, toCallOptions(context)),
    gcTime: 0,
  })
}

export type NewTableWrite = TableIdentifier & { idempotencyKey: string } & (
    | (NewTableRequest & { kind: 'create' })
    | { kind: 'register'; metadataLocation: string }
  )

/** Creates or registers a table. @param onMade called also when the page was left meanwhile */
export function useMakeTable(onMade: (table: TableIdentifier) => void) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: async (write: NewTableWrite) => {
      if (write.kind === 'register') {
        const { kind: _, ...input } = write
        return callEndpoint('registerTable', input)
      }
      const { kind: _, ...input } = write
      return callEndpoint('createTable', input)
    },
    onSuccess: (_output, { catalog, namespace, table }) => {
      onMade({ catalog, namespace, table })
      void queryClient.invalidateQueries({ queryKey: keys.catalog(catalog) })
    },
  })
}

/** Requests the outcome of a request whose response was lost. Does not send that request again. */
export function useFindNewTable() {
  return useSingleMutation({
    mutationFn: ({ catalog, namespace, table, idempotencyKey }: TableIdentifier & { idempotencyKey: string }) =>
      callEndpoint('findNewTable', { catalog, namespace, table, idempotencyKey }),
  })
}
