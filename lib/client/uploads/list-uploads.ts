import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** The uploads of the user for a table, also those of other pages and of earlier visits, the oldest first. */
export function uploadsQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'uploads'],
    queryFn: async (context) => {
      const { uploads } = await callEndpoint('listUploads', {}, toCallOptions(context))
      return uploads.filter(({ target }) => isSameTable(target, table))
    },
  })
}

export type StoredUpload = Awaited<ReturnType<NonNullable<ReturnType<typeof uploadsQuery>['queryFn']>>>[number]
