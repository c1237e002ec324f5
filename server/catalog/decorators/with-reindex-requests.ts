import 'server-only'
import type { WriteDecorator } from '@/server/catalog/port/catalog-write'
import { writtenEntries } from '@/server/catalog/port/written-entries'
import { pendingObjectChange } from '@/server/db/search/pending-objects'
import { withRows } from './with-rows'

/**
 * Each write requests that the search index reads again what changed. The request is stored with the audit entry: in
 * the transaction of a commit to our own catalog, after the acknowledgement of another one.
 */
export function withReindexRequests(catalog: string): WriteDecorator {
  return withRows((write) =>
    writtenEntries(catalog, write).map(({ namespace, table = null }) =>
      pendingObjectChange({ catalog, namespace, name: table }),
    ),
  )
}
