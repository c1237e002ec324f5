import 'server-only'
import { getAddedFiles } from '@/lib/contract/table/added-files'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { readAddedFiles } from '@/server/table/files/added-files'
import { snapshotPage } from '@/server/table/snapshot-page'
import { readSnapshotWriters } from '@/server/table/snapshot-writers'

export function snapshotEndpoints(services: Services) {
  return [
    serveTable(services, listSnapshots, async ({ metadata }, input, { actor }) =>
      snapshotPage(metadata, input.offset ?? 0, input, await readSnapshotWriters(services.database, [metadata], actor)),
    ),
    serveTable(services, getAddedFiles, async (table, { snapshot: snapshotId, branch }, { signal }) =>
      readAddedFiles(services, table, { snapshotId, branch, signal }),
    ),
  ]
}
