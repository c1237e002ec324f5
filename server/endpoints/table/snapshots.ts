import 'server-only'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { snapshotPage } from '@/server/table/snapshot-page'
import { readSnapshotWriters } from '@/server/table/snapshot-writers'

export function snapshotEndpoints(services: Services) {
  return [
    serveTable(services, listSnapshots, async ({ metadata }, input, { actor }) =>
      snapshotPage(metadata, input.offset ?? 0, input, await readSnapshotWriters(services.database, [metadata], actor)),
    ),
  ]
}
