import 'server-only'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { snapshotPage } from '@/server/table/snapshot-page'

export function snapshotEndpoints(services: Services) {
  return [
    serve(services, listSnapshots, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const { metadata } = await catalog.loadTable(input, { signal })
      return snapshotPage(metadata, input.offset ?? 0, input)
    }),
  ]
}
