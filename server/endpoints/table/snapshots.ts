import 'server-only'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { snapshotPage } from '@/server/table/snapshot-page'

export function snapshotEndpoints(services: Services) {
  return [
    serveTable(services, listSnapshots, async ({ metadata }, input) =>
      snapshotPage(metadata, input.offset ?? 0, input),
    ),
  ]
}
